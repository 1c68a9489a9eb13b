//! `eval MODELS DATA`: prints both evaluation reports; the server's `xtask eval` calls the same functions.
#![allow(clippy::print_stdout, reason = "an example prints")]

use std::path::Path;

use rapport_understand::{Understander, eval};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (models, data) = arguments.next().zip(arguments.next()).ok_or("usage: eval MODELS DATA")?;
    let began = std::time::Instant::now();
    let u = Understander::from_dir(Path::new(&models))?;
    println!("models {} loaded in {:.2?}\n", u.version(), began.elapsed());
    println!("{}", eval::topics(&u, Path::new(&data))?);
    println!("{}", eval::sensitive(&u, Path::new(&data), None)?);
    Ok(())
}
