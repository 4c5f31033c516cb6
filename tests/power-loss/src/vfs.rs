//! The VFS: passes every call on to the operating system's and tells the model what changed.

use std::ffi::{CStr, CString, OsStr, c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::ffi;

use crate::model::Model;

/// Called after every operation that changes or syncs something, with the disk as it is then.
type Observer = Box<dyn FnMut(&Model) + Send>;

/// A disk under a name, which SQLite knows it by as a VFS. It lives as long as the process.
pub struct Disk {
    name: String,
    shared: &'static Shared,
}

struct Shared {
    /// The operating system's VFS.
    real: *mut ffi::sqlite3_vfs,
    state: Mutex<State>,
}

// SAFETY: `real` is a VFS that SQLite itself uses from every thread.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

#[derive(Default)]
struct State {
    model: Model,
    observer: Option<Observer>,
    fault: Option<Fault>,
}

/// Why a disk refuses writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is full.
    Full,
    /// It is broken: syncs fail, too.
    Broken,
}

/// From when on a disk refuses writes.
struct Fault {
    refusal: Refusal,
    /// Writes and syncs that still succeed.
    left: u64,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether the disk refuses the next write or sync, and with which result.
    fn refusal(&mut self, is_sync: bool) -> Option<c_int> {
        let fault = self.fault.as_mut()?;
        if fault.left > 0 {
            fault.left -= 1;
            return None;
        }
        match (fault.refusal, is_sync) {
            (Refusal::Full, true) => None,
            (Refusal::Full, false) => Some(ffi::SQLITE_FULL),
            (Refusal::Broken, true) => Some(ffi::SQLITE_IOERR_FSYNC),
            (Refusal::Broken, false) => Some(ffi::SQLITE_IOERR_WRITE),
        }
    }

    fn observe(&mut self) {
        if let Some(observer) = &mut self.observer {
            observer(&self.model);
        }
    }
}

impl Disk {
    /// Makes a disk and registers it under a name of its own.
    ///
    /// # Panics
    /// SQLite has no VFS of the operating system, or refuses another one.
    pub fn new(name: &str) -> Self {
        // SAFETY: a null name asks for the default VFS.
        let real = unsafe { ffi::sqlite3_vfs_find(std::ptr::null()) };
        assert!(!real.is_null(), "SQLite has no default VFS");
        // SQLite keeps the VFS for ever, and so does this process.
        let shared: &'static Shared = Box::leak(Box::new(Shared {
            real,
            state: Mutex::default(),
        }));
        let c_name = CString::new(name).expect("a name without null characters");
        // SAFETY: the default VFS stays registered and unchanged.
        let (size, path) = unsafe { ((*real).szOsFile, (*real).mxPathname) };
        let vfs = ffi::sqlite3_vfs {
            iVersion: 2,
            szOsFile: FILE_SIZE as c_int + size,
            mxPathname: path,
            pNext: std::ptr::null_mut(),
            zName: c_name.into_raw(),
            pAppData: (&raw const *shared).cast_mut().cast(),
            xOpen: Some(open),
            xDelete: Some(delete),
            xAccess: Some(access),
            xFullPathname: Some(full_path_name),
            xDlOpen: None,
            xDlError: None,
            xDlSym: None,
            xDlClose: None,
            xRandomness: Some(randomness),
            xSleep: Some(sleep),
            xCurrentTime: Some(current_time),
            xGetLastError: Some(last_error),
            xCurrentTimeInt64: Some(current_time_int64),
            xSetSystemCall: None,
            xGetSystemCall: None,
            xNextSystemCall: None,
        };
        // SAFETY: the VFS is never freed, and its functions keep SQLite's contract.
        let result = unsafe { ffi::sqlite3_vfs_register(Box::into_raw(Box::new(vfs)), 0) };
        assert_eq!(result, ffi::SQLITE_OK, "SQLite refused the VFS");
        Self {
            name: name.to_owned(),
            shared,
        }
    }

    /// The name of the VFS.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Sets what is called after every operation, on the thread that does it. It must not use the disk.
    pub fn observe(&self, observer: impl FnMut(&Model) + Send + 'static) {
        self.shared.lock().observer = Some(Box::new(observer));
    }

    /// Stops calling the observer, and drops it.
    pub fn stop_observing(&self) {
        self.shared.lock().observer = None;
    }

    /// Refuses all writes once `after` more writes and syncs have succeeded.
    pub fn refuse_writes(&self, refusal: Refusal, after: u64) {
        self.shared.lock().fault = Some(Fault {
            refusal,
            left: after,
        });
    }

    /// Accepts writes again. Says whether some had been refused.
    pub fn accept_writes(&self) -> bool {
        let fault = self.shared.lock().fault.take();
        fault.is_some_and(|fault| fault.left == 0)
    }

    /// Looks at the disk.
    pub fn with_model<T>(&self, look: impl FnOnce(&Model) -> T) -> T {
        look(&self.shared.lock().model)
    }
}

/// An open file. The operating system's own follows it in memory.
#[repr(C)]
struct File {
    base: ffi::sqlite3_file,
    /// `None` for temporary files, which nobody expects after a power failure.
    tracked: Option<Box<Tracked>>,
}

struct Tracked {
    shared: &'static Shared,
    path: PathBuf,
    /// Whether the next sync is one of the folder, too, as the VFS of Unix does it.
    syncs_folder: bool,
}

const FILE_SIZE: usize = size_of::<File>();

/// The operating system's file behind one of ours.
///
/// # Safety
/// `file` was opened by [`open`].
unsafe fn real_file(file: *mut ffi::sqlite3_file) -> *mut ffi::sqlite3_file {
    // SAFETY: SQLite has set aside `szOsFile` bytes, ours first.
    unsafe { file.cast::<u8>().add(FILE_SIZE).cast() }
}

/// # Safety
/// `file` was opened by [`open`].
unsafe fn tracked<'f>(file: *mut ffi::sqlite3_file) -> Option<&'f mut Tracked> {
    // SAFETY: `open` has put a `File` there, and SQLite uses a file from one thread at a time.
    unsafe { (*file.cast::<File>()).tracked.as_deref_mut() }
}

/// # Safety
/// `vfs` is one of ours.
unsafe fn shared_of(vfs: *mut ffi::sqlite3_vfs) -> &'static Shared {
    // SAFETY: `pAppData` is a `Shared` that is never freed.
    unsafe { &*(*vfs).pAppData.cast::<Shared>() }
}

/// # Safety
/// `name` is null or a path as SQLite gives it.
unsafe fn path_of(name: *const c_char) -> Option<PathBuf> {
    if name.is_null() {
        return None;
    }
    // SAFETY: the caller's promise.
    let bytes = unsafe { CStr::from_ptr(name) }.to_bytes();
    Some(Path::new(OsStr::from_bytes(bytes)).to_owned())
}

/// Calls a method of the operating system's file.
macro_rules! real_method {
    ($file:expr, $method:ident $(, $argument:expr)*) => {{
        // SAFETY: the file is open, and SQLite's own VFS has all of these methods.
        unsafe {
            let real = real_file($file);
            match (*(*real).pMethods).$method {
                Some(method) => method(real $(, $argument)*),
                None => ffi::SQLITE_IOERR,
            }
        }
    }};
}

/// Calls a function of the operating system's VFS.
macro_rules! real_function {
    ($vfs:expr, $function:ident $(, $argument:expr)*) => {{
        // SAFETY: `pAppData` is ours, and the operating system's VFS has all of these functions.
        unsafe {
            let real = shared_of($vfs).real;
            match (*real).$function {
                Some(function) => function(real $(, $argument)*),
                None => ffi::SQLITE_ERROR,
            }
        }
    }};
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    const JOURNALS: c_int =
        ffi::SQLITE_OPEN_MAIN_JOURNAL | ffi::SQLITE_OPEN_SUPER_JOURNAL | ffi::SQLITE_OPEN_WAL;
    // SAFETY: SQLite gives a file of `szOsFile` bytes that holds nothing yet.
    unsafe {
        file.cast::<File>().write(File {
            base: ffi::sqlite3_file {
                pMethods: std::ptr::null(),
            },
            tracked: None,
        });
        (*real_file(file)).pMethods = std::ptr::null();
    }
    // SAFETY: the name is SQLite's.
    let path = unsafe { path_of(name) };
    let is_kept = flags & (ffi::SQLITE_OPEN_MAIN_DB | JOURNALS) != 0;
    let path = path.filter(|_| is_kept);
    // SAFETY: the VFS is ours.
    let shared = unsafe { shared_of(vfs) };
    let mut state = shared.lock();
    let before = path.as_ref().and_then(|path| std::fs::read(path).ok());
    // SAFETY: our own `File` comes first, so the rest belongs to the operating system's.
    let real = unsafe { real_file(file) };
    let result = real_function!(vfs, xOpen, name, real, flags, out_flags);
    if result != ffi::SQLITE_OK {
        return result;
    }
    if let Some(path) = path {
        if !state.model.knows(&path) {
            state.model.open(&path, before);
            state.observe();
        }
        let syncs_folder = flags & ffi::SQLITE_OPEN_CREATE != 0 && flags & JOURNALS != 0;
        let tracked = Tracked {
            shared,
            path,
            syncs_folder,
        };
        // SAFETY: written above.
        unsafe { (*file.cast::<File>()).tracked = Some(Box::new(tracked)) };
    }
    // SAFETY: as above; from now on SQLite calls our methods.
    unsafe { (*file).pMethods = &raw const METHODS };
    ffi::SQLITE_OK
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    let result = real_method!(file, xClose);
    // SAFETY: SQLite uses the file no more.
    unsafe { std::ptr::drop_in_place(file.cast::<File>()) };
    result
}

unsafe extern "C" fn read(
    file: *mut ffi::sqlite3_file,
    buffer: *mut c_void,
    amount: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    real_method!(file, xRead, buffer, amount, offset)
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    buffer: *const c_void,
    amount: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: the file is open.
    let Some(tracked) = (unsafe { tracked(file) }) else {
        return real_method!(file, xWrite, buffer, amount, offset);
    };
    let mut state = tracked.shared.lock();
    if let Some(refused) = state.refusal(false) {
        return refused;
    }
    let result = real_method!(file, xWrite, buffer, amount, offset);
    if result == ffi::SQLITE_OK {
        // SAFETY: SQLite gives a buffer of this length.
        let data = unsafe { std::slice::from_raw_parts(buffer.cast::<u8>(), amount as usize) };
        state.model.write(&tracked.path, offset as usize, data);
        state.observe();
    }
    result
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: ffi::sqlite3_int64) -> c_int {
    // SAFETY: the file is open.
    let Some(tracked) = (unsafe { tracked(file) }) else {
        return real_method!(file, xTruncate, size);
    };
    let mut state = tracked.shared.lock();
    let result = real_method!(file, xTruncate, size);
    if result == ffi::SQLITE_OK {
        state.model.truncate(&tracked.path, size as usize);
        state.observe();
    }
    result
}

/// Syncs in the model only: the power of this machine stays on, and real syncs would take most of the time.
unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    // SAFETY: the file is open.
    if let Some(tracked) = unsafe { tracked(file) } {
        let mut state = tracked.shared.lock();
        if let Some(refused) = state.refusal(true) {
            return refused;
        }
        let with_folder = std::mem::take(&mut tracked.syncs_folder);
        state.model.sync(&tracked.path, with_folder);
        state.observe();
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn delete(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    sync_folder: c_int,
) -> c_int {
    // SAFETY: the VFS is ours.
    let mut state = unsafe { shared_of(vfs) }.lock();
    let result = real_function!(vfs, xDelete, name, 0);
    // SAFETY: the name is SQLite's.
    if let (ffi::SQLITE_OK, Some(path)) = (result, unsafe { path_of(name) }) {
        state.model.delete(&path, sync_folder != 0);
        state.observe();
    }
    result
}

unsafe extern "C" fn file_size(
    file: *mut ffi::sqlite3_file,
    size: *mut ffi::sqlite3_int64,
) -> c_int {
    real_method!(file, xFileSize, size)
}

unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    real_method!(file, xLock, level)
}

unsafe extern "C" fn unlock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    real_method!(file, xUnlock, level)
}

unsafe extern "C" fn check_reserved_lock(
    file: *mut ffi::sqlite3_file,
    result: *mut c_int,
) -> c_int {
    real_method!(file, xCheckReservedLock, result)
}

unsafe extern "C" fn file_control(
    file: *mut ffi::sqlite3_file,
    operation: c_int,
    argument: *mut c_void,
) -> c_int {
    real_method!(file, xFileControl, operation, argument)
}

unsafe extern "C" fn sector_size(file: *mut ffi::sqlite3_file) -> c_int {
    real_method!(file, xSectorSize)
}

unsafe extern "C" fn device_characteristics(file: *mut ffi::sqlite3_file) -> c_int {
    real_method!(file, xDeviceCharacteristics)
}

unsafe extern "C" fn shm_map(
    file: *mut ffi::sqlite3_file,
    page: c_int,
    size: c_int,
    extend: c_int,
    memory: *mut *mut c_void,
) -> c_int {
    real_method!(file, xShmMap, page, size, extend, memory)
}

unsafe extern "C" fn shm_lock(
    file: *mut ffi::sqlite3_file,
    offset: c_int,
    count: c_int,
    flags: c_int,
) -> c_int {
    real_method!(file, xShmLock, offset, count, flags)
}

unsafe extern "C" fn shm_barrier(file: *mut ffi::sqlite3_file) {
    // SAFETY: the file is open, and SQLite's own VFS has this method.
    unsafe {
        let real = real_file(file);
        if let Some(barrier) = (*(*real).pMethods).xShmBarrier {
            barrier(real);
        }
    }
}

unsafe extern "C" fn shm_unmap(file: *mut ffi::sqlite3_file, delete: c_int) -> c_int {
    real_method!(file, xShmUnmap, delete)
}

unsafe extern "C" fn access(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    flags: c_int,
    result: *mut c_int,
) -> c_int {
    real_function!(vfs, xAccess, name, flags, result)
}

unsafe extern "C" fn full_path_name(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    len: c_int,
    out: *mut c_char,
) -> c_int {
    real_function!(vfs, xFullPathname, name, len, out)
}

unsafe extern "C" fn randomness(vfs: *mut ffi::sqlite3_vfs, len: c_int, out: *mut c_char) -> c_int {
    real_function!(vfs, xRandomness, len, out)
}

unsafe extern "C" fn sleep(vfs: *mut ffi::sqlite3_vfs, microseconds: c_int) -> c_int {
    real_function!(vfs, xSleep, microseconds)
}

unsafe extern "C" fn current_time(vfs: *mut ffi::sqlite3_vfs, time: *mut f64) -> c_int {
    real_function!(vfs, xCurrentTime, time)
}

unsafe extern "C" fn last_error(vfs: *mut ffi::sqlite3_vfs, len: c_int, out: *mut c_char) -> c_int {
    real_function!(vfs, xGetLastError, len, out)
}

unsafe extern "C" fn current_time_int64(
    vfs: *mut ffi::sqlite3_vfs,
    time: *mut ffi::sqlite3_int64,
) -> c_int {
    real_function!(vfs, xCurrentTimeInt64, time)
}
