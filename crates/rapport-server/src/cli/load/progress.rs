//! A progress bar for whoever is watching.

use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::output;

/// A bar over `total` records; hidden where standard error is no terminal.
pub fn bar(total: u64) -> ProgressBar {
    if !output::is_watched() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(total);
    if let Ok(style) =
        ProgressStyle::with_template("{msg:>10} [{bar:32}] {human_pos}/{human_len} ({per_sec}, {eta} left)")
    {
        bar.set_style(style.progress_chars("=> "));
    }
    bar
}
