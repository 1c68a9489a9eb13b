//! CTranslate2's `model.bin`, version 6: named variables, little-endian.
//!
//! ```text
//! u32 version | text specification | u32 revision | u32 count | count × variable | u32 count | count × alias
//! variable: text name | u8 rank | rank × u32 | u8 type | u32 bytes | bytes
//! alias:    text name | text name of the variable
//! text:     u16 length with its zero | bytes | zero
//! ```

use std::collections::HashMap;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use half::f16;

use crate::weights::ModelError;

const VERSION: u32 = 6;
const SPECIFICATION: &str = "WhisperSpec";
/// The type of half-precision variables; the others are settings of one number.
const HALF: u8 = 4;
/// Bounds of a file that is taken for one: a damaged length must not become an allocation.
const MAX_VARIABLES: u32 = 10_000;
const MAX_BYTES: u32 = 1 << 28;
const MAX_RANK: u8 = 4;

/// A half-precision variable.
#[derive(Debug)]
pub struct Tensor {
    /// Its dimensions, outermost first.
    pub shape: Vec<usize>,
    /// Its numbers, row-major.
    pub numbers: Vec<f16>,
}

/// The variables of a file, taken out by name.
#[derive(Debug)]
pub struct Variables {
    path: PathBuf,
    by_name: HashMap<String, Tensor>,
}

impl Variables {
    /// Reads a file.
    ///
    /// # Errors
    /// When it is missing, can't be read or is no such file.
    pub fn read(path: &Path) -> Result<Self, ModelError> {
        let file = std::fs::File::open(path).map_err(|source| unreadable(path, source))?;
        let by_name =
            parse(&mut BufReader::with_capacity(1 << 18, file)).map_err(|problem| match problem {
                Problem::Io(source) if source.kind() != io::ErrorKind::UnexpectedEof => {
                    unreadable(path, source)
                }
                Problem::Io(_) => damaged(path, "it ends too early".to_owned()),
                Problem::Content(what) => damaged(path, what),
            })?;
        Ok(Self { path: path.to_owned(), by_name })
    }

    /// Takes a variable out.
    ///
    /// # Errors
    /// When it is not there, or has another shape.
    pub fn take(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f16>, ModelError> {
        let tensor =
            self.by_name.remove(name).ok_or_else(|| damaged(&self.path, format!("`{name}` is missing")))?;
        if tensor.shape != shape {
            let problem = format!("`{name}` is {:?}, and should be {shape:?}", tensor.shape);
            return Err(damaged(&self.path, problem));
        }
        Ok(tensor.numbers)
    }

    /// Takes a variable of one dimension out, widened.
    ///
    /// # Errors
    /// As [`Variables::take`].
    pub fn take_wide(&mut self, name: &str, length: usize) -> Result<Vec<f32>, ModelError> {
        Ok(self.take(name, &[length])?.into_iter().map(f16::to_f32).collect())
    }
}

fn unreadable(path: &Path, source: io::Error) -> ModelError {
    match source.kind() {
        io::ErrorKind::NotFound => ModelError::Missing(path.parent().unwrap_or(path).to_owned()),
        _ => ModelError::Unreadable { path: path.to_owned(), source },
    }
}

fn damaged(path: &Path, problem: String) -> ModelError {
    ModelError::Damaged { path: path.to_owned(), problem }
}

enum Problem {
    Io(io::Error),
    Content(String),
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

fn parse(reader: &mut impl Read) -> Result<HashMap<String, Tensor>, Problem> {
    let version = u32_of(reader)?;
    if version != VERSION {
        return Err(Problem::Content(format!("its version is {version}, and should be {VERSION}")));
    }
    let specification = text_of(reader)?;
    if specification != SPECIFICATION {
        return Err(Problem::Content(format!("it holds no {SPECIFICATION}")));
    }
    let _revision = u32_of(reader)?;
    let count = u32_of(reader)?;
    if count > MAX_VARIABLES {
        return Err(Problem::Content(format!("{count} variables are more than any such file has")));
    }
    let mut variables = HashMap::new();
    for _ in 0..count {
        let name = text_of(reader)?;
        if let Some(tensor) = tensor_of(reader, &name)? {
            variables.insert(name, tensor);
        }
    }
    // The one alias of a Whisper model is its projection, which is the embedding again: it is not needed.
    Ok(variables)
}

/// A variable's numbers; `None` where it is a setting.
fn tensor_of(reader: &mut impl Read, name: &str) -> Result<Option<Tensor>, Problem> {
    let rank = byte_of(reader)?;
    if rank > MAX_RANK {
        return Err(Problem::Content(format!("`{name}` has {rank} dimensions")));
    }
    let shape = (0..rank).map(|_| Ok(u32_of(reader)? as usize)).collect::<Result<Vec<_>, Problem>>()?;
    let kind = byte_of(reader)?;
    let length = u32_of(reader)?;
    if length > MAX_BYTES {
        return Err(Problem::Content(format!("`{name}` claims {length} bytes")));
    }
    let mut bytes = Vec::new();
    if reader.take(u64::from(length)).read_to_end(&mut bytes)? != length as usize {
        return Err(Problem::Io(io::ErrorKind::UnexpectedEof.into()));
    }
    if kind != HALF {
        return match shape.is_empty() || bytes.len() <= 64 {
            true => Ok(None),
            false => Err(Problem::Content(format!("`{name}` is not in half precision"))),
        };
    }
    let wanted = shape.iter().try_fold(2usize, |product, size| product.checked_mul(*size));
    if wanted != Some(bytes.len()) {
        return Err(Problem::Content(format!("`{name}` has {} bytes for {shape:?}", bytes.len())));
    }
    let numbers = bytes.chunks_exact(2).map(|pair| f16::from_le_bytes([pair[0], pair[1]])).collect();
    Ok(Some(Tensor { shape, numbers }))
}

fn text_of(reader: &mut impl Read) -> Result<String, Problem> {
    let mut length = [0; 2];
    reader.read_exact(&mut length)?;
    let mut bytes = vec![0; usize::from(u16::from_le_bytes(length))];
    reader.read_exact(&mut bytes)?;
    while bytes.last() == Some(&0) {
        bytes.pop();
    }
    String::from_utf8(bytes).map_err(|_| Problem::Content("a name is no text".to_owned()))
}

fn u32_of(reader: &mut impl Read) -> Result<u32, Problem> {
    let mut bytes = [0; 4];
    reader.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

fn byte_of(reader: &mut impl Read) -> Result<u8, Problem> {
    let mut byte = [0];
    reader.read_exact(&mut byte)?;
    Ok(byte[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Vec<u8> {
        let mut bytes = (text.len() as u16 + 1).to_le_bytes().to_vec();
        bytes.extend(text.as_bytes());
        bytes.push(0);
        bytes
    }

    /// A file of one variable `w`, 2 × 2, and a setting.
    fn small() -> Vec<u8> {
        let mut file = VERSION.to_le_bytes().to_vec();
        file.extend(text(SPECIFICATION));
        file.extend([3, 0, 0, 0, 2, 0, 0, 0]);
        file.extend(text("heads"));
        file.extend([0, 2, 2, 0, 0, 0, 6, 0]);
        file.extend(text("w"));
        file.extend([2, 2, 0, 0, 0, 2, 0, 0, 0, HALF, 8, 0, 0, 0]);
        file.extend([1.0, -2.5, 0.0, 65_504.0].iter().flat_map(|x| f16::from_f32(*x).to_le_bytes()));
        file.extend(0u32.to_le_bytes());
        file
    }

    fn written(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.bin");
        std::fs::write(&path, bytes).unwrap();
        (folder, path)
    }

    #[test]
    fn a_variable_is_read_with_its_shape() {
        let (_folder, path) = written(&small());
        let mut variables = Variables::read(&path).unwrap();
        let error = variables.take("w", &[4]).unwrap_err().to_string();
        assert!(error.contains("[2, 2]") && error.contains("[4]"), "{error}");
        let mut variables = Variables::read(&path).unwrap();
        let w: Vec<f32> = variables.take("w", &[2, 2]).unwrap().into_iter().map(f16::to_f32).collect();
        assert_eq!(w, [1.0, -2.5, 0.0, 65_504.0]);
        assert!(variables.take("w", &[2, 2]).unwrap_err().to_string().contains("missing"));
    }

    #[test]
    fn a_file_cut_anywhere_or_flipped_anywhere_is_refused_or_read_and_never_panics() {
        let whole = small();
        for cut in 0..whole.len() - 4 {
            let (_folder, path) = written(&whole[..cut]);
            assert!(matches!(Variables::read(&path), Err(ModelError::Damaged { .. })), "cut at {cut}");
        }
        for place in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[place] ^= 0xff;
            let (_folder, path) = written(&flipped);
            let _ = Variables::read(&path);
        }
    }

    #[test]
    fn a_missing_file_names_the_command_that_fetches_it() {
        let folder = tempfile::tempdir().unwrap();
        let error = Variables::read(&folder.path().join("model.bin")).unwrap_err().to_string();
        assert!(error.contains("rapport models pull speech"), "{error}");
    }
}
