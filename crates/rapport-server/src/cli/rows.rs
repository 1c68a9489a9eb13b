//! Files of labelled rows.

use std::path::Path;

use anyhow::{Context, Result};
use rapport_understand::calibrate::{LabelledRow, read_rows};

/// The rows of a file: JSON lines `{"text","sensitive":[..],"uncertain":[..]?}`.
///
/// # Errors
/// When it can't be read, or at the first line that is no such row.
pub fn read(file: &Path) -> Result<Vec<LabelledRow>> {
    let name = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("`{name}` can't be read"))?;
    read_rows(&text).with_context(|| format!("`{name}`"))
}
