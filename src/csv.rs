//! Text of tables for other programs (RFC 4180).

/// Adds a line.
pub fn line(file: &mut String, cells: &mut dyn Iterator<Item = String>) {
    for (place, cell) in cells.enumerate() {
        if place > 0 {
            file.push(',');
        }
        let is_plain = !cell.contains([',', '"', '\n', '\r']);
        if is_plain {
            file.push_str(&cell);
        } else {
            file.push('"');
            file.push_str(&cell.replace('"', "\"\""));
            file.push('"');
        }
    }
    file.push_str("\r\n");
}
