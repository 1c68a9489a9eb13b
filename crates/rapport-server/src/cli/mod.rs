//! The command line: one file a command. Answers go to standard output, everything else to standard error, and
//! a failure is one sentence that says what to do.
//!
//! Exit codes: 0 done; 1 failed, or done but for lines that were rejected; 2 not understood or not built.

mod bench;
mod calibrate;
mod catalog;
mod client;
mod demo;
mod erase;
mod eval;
mod lines;
mod load;
mod models;
mod open;
mod output;
mod policy;
mod pull;
mod rows;
mod serve;
mod transcribe;
mod understand;
mod verify_erasure;
mod why;

use std::process::ExitCode;

use clap::Parser;

/// Turns what people say to an assistant into better feeds and ads, under a policy that it enforces and can prove.
#[derive(Parser)]
#[command(name = "rapport", version, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    Serve(serve::Args),
    Demo(demo::Args),
    Load(load::Args),
    Understand(understand::Args),
    Transcribe(transcribe::Args),
    Models(pull::Args),
    Eval(eval::Args),
    Calibrate(calibrate::Args),
    Policy(policy::Args),
    Erase(erase::Args),
    VerifyErasure(verify_erasure::Args),
    Why(why::Args),
    Bench(bench::Args),
}

/// Runs the command that the program was started with.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let done = match &cli.command {
        Command::Serve(args) => serve::run(args),
        Command::Demo(args) => demo::run(args),
        Command::Load(args) => load::run(args),
        Command::Understand(args) => understand::run(args),
        Command::Transcribe(args) => transcribe::run(args),
        Command::Models(args) => pull::run(args),
        Command::Eval(args) => eval::run(args),
        Command::Calibrate(args) => calibrate::run(args),
        Command::Policy(args) => policy::run(args),
        Command::Erase(args) => erase::run(args),
        Command::VerifyErasure(args) => verify_erasure::run(args),
        Command::Why(args) => why::run(args),
        Command::Bench(args) => bench::run(args),
    };
    done.unwrap_or_else(|problem| fail(&problem))
}

/// Says what went wrong. A reader that has seen enough (`rapport … | head`) is no failure.
fn fail(problem: &anyhow::Error) -> ExitCode {
    let closed = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
    };
    if problem.chain().any(closed) {
        return ExitCode::SUCCESS;
    }
    output::note(format!("error: {}", sentence(problem)));
    ExitCode::FAILURE
}

/// The problem and its causes, each said once: many errors already quote what caused them.
fn sentence(problem: &anyhow::Error) -> String {
    problem.chain().map(ToString::to_string).fold(String::new(), |said, cause| {
        if said.contains(&cause) {
            said
        } else if said.is_empty() {
            cause
        } else {
            format!("{said}: {cause}")
        }
    })
}
