//! The cookies that scripts may read.

use wasm_bindgen::JsCast;

/// The value of a cookie, if the page may see it.
pub fn read(name: &str) -> Option<String> {
    let document = web_sys::window()?.document()?;
    let all = document
        .dyn_into::<web_sys::HtmlDocument>()
        .ok()?
        .cookie()
        .ok()?;
    find(&all, name)
}

/// Finds one in `a=1; b=2`.
fn find(cookies: &str, name: &str) -> Option<String> {
    cookies.split(';').find_map(|cookie| {
        let (key, value) = cookie.trim().split_once('=')?;
        (key == name).then(|| value.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let cookies = "persons_csrf_old=1; persons_csrf=a=b; other=";
        assert_eq!(find(cookies, "persons_csrf"), Some("a=b".into()));
        assert_eq!(find(cookies, "other"), Some(String::new()));
        assert_eq!(find(cookies, "csrf"), None);
    }
}
