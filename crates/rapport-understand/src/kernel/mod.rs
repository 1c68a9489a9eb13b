//! Exact 8-bit matrix products, and the choice of instructions that they and the code around them run on.
//!
//! Whatever a processor offers, the results are equal to the last bit: products are summed as integers, without
//! saturation or rounding, and floating-point code is compiled from one source, in which the order of every sum is
//! written out (the compiler may not reorder or fuse it). A vector computed here is the same everywhere.
//!
//! All of this crate's `unsafe` code is in this folder; each fast product has a property test against its plain twin.
#![allow(unsafe_code, reason = "vector instructions; every use says why it is sound")]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod portable;
#[cfg(test)]
mod tests;
mod weights;

pub(crate) use weights::Weights;

/// What this processor can do. A value exists only if the processor has the instructions that it names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Kernel(Instructions);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Instructions {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Kernel {
    /// Plain Rust, which runs everywhere.
    pub const PORTABLE: Self = Self(Instructions::Portable);

    /// The fastest that this processor has. Cost: a few nanoseconds, the answer is kept by the standard library.
    pub fn detect() -> Self {
        Self::available().last().copied().unwrap_or(Self::PORTABLE)
    }

    /// All that this processor has, slowest first.
    pub fn available() -> &'static [Self] {
        #[cfg(target_arch = "x86_64")]
        {
            const ALL: [Kernel; 3] =
                [Kernel::PORTABLE, Kernel(Instructions::Avx2), Kernel(Instructions::Avx512)];
            let avx2 = is_x86_feature_detected!("avx2");
            let avx512 = avx2
                && is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vnni");
            match (avx2, avx512) {
                (_, true) => &ALL,
                (true, false) => &ALL[..2],
                (false, false) => &ALL[..1],
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        {
            const ALL: [Kernel; 1] = [Kernel::PORTABLE];
            &ALL
        }
    }

    /// Runs `work` compiled for wide registers where the processor has them. `work` should do no more than call one
    /// `#[inline(always)]` function, so that it is compiled into the caller that has the wider instructions enabled.
    #[inline(always)]
    pub fn vectorize<R>(self, work: impl FnOnce() -> R) -> R {
        match self.0 {
            Instructions::Portable => work(),
            // SAFETY: both values exist only where AVX2 was detected.
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2 | Instructions::Avx512 => unsafe { with_avx2(work) },
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn with_avx2<R>(work: impl FnOnce() -> R) -> R {
    work()
}
