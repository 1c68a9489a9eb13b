//! The log-mel spectrogram that Whisper hears (Radford et al. 2022, section 2.2): windows of 25 ms every 10 ms, 80 bands.

use std::f32::consts::TAU;
use std::sync::Arc;

use ndarray::Array2;
use realfft::{RealFftPlanner, RealToComplex};

use crate::SAMPLE_RATE;

/// Bands of a frame.
pub const BANDS: usize = 80;
/// Samples between two frames.
pub const HOP: usize = 160;
/// Frames of the 30 seconds that the model hears at once.
pub const FRAMES: usize = 3_000;
/// Samples of those 30 seconds.
pub const WINDOW: usize = FRAMES * HOP;

const FFT: usize = 400;
const BINS: usize = FFT / 2 + 1;

/// Computes spectrograms; built once, shared by threads.
pub struct Mel {
    fft: Arc<dyn RealToComplex<f32>>,
    hann: Vec<f32>,
    /// A row a band.
    filters: Vec<Filter>,
}

/// The bins where a band's triangle is not zero.
struct Filter {
    from: usize,
    weights: Vec<f32>,
}

impl Mel {
    /// Plans the transform and builds the filters.
    pub fn new() -> Self {
        Self {
            fft: RealFftPlanner::new().plan_fft_forward(FFT),
            hann: (0..FFT).map(|i| 0.5 - 0.5 * (TAU * i as f32 / FFT as f32).cos()).collect(),
            filters: filters(),
        }
    }

    /// The first `frames` frames of `samples` followed by silence, `[frames, 80]`, scaled as the model was trained on:
    /// log10 of the power, at most 8 below the loudest, `(x + 4) / 4`.
    pub fn spectrogram(&self, samples: &[f32], frames: usize) -> Array2<f32> {
        let samples = &samples[..samples.len().min(frames * HOP)];
        let mut log = Array2::from_elem((frames, BANDS), LOG_SILENCE);
        // Frames past the end hear nothing: they keep the level of silence.
        let heard = frames.min((samples.len() + FFT / 2).div_ceil(HOP));
        let (mut time, mut spectrum) = (self.fft.make_input_vec(), self.fft.make_output_vec());
        let mut power = [0.0; BINS];
        for (frame, mut row) in log.outer_iter_mut().take(heard).enumerate() {
            self.window_into(samples, frame, &mut time);
            // The lengths are the plan's own, so it can't fail.
            if self.fft.process(&mut time, &mut spectrum).is_err() {
                continue;
            }
            for (power, bin) in power.iter_mut().zip(&spectrum) {
                *power = bin.norm_sqr();
            }
            for (value, filter) in row.iter_mut().zip(&self.filters) {
                *value = filter.apply(&power).max(1e-10).log10();
            }
        }
        let loudest = log.iter().copied().fold(LOG_SILENCE, f32::max);
        log.mapv_inplace(|value| (value.max(loudest - 8.0) + 4.0) / 4.0);
        log
    }

    /// The samples around a frame's centre under the window, mirrored at the start, zero past the end.
    fn window_into(&self, samples: &[f32], frame: usize, time: &mut [f32]) {
        let start = (frame * HOP) as isize - (FFT / 2) as isize;
        for (i, (value, hann)) in time.iter_mut().zip(&self.hann).enumerate() {
            let at = (start + i as isize).unsigned_abs();
            *value = samples.get(at).copied().unwrap_or(0.0) * hann;
        }
    }
}

/// log10 of the least power that is told from none.
const LOG_SILENCE: f32 = -10.0;

impl Filter {
    fn apply(&self, power: &[f32; BINS]) -> f32 {
        self.weights.iter().zip(&power[self.from..]).map(|(weight, power)| weight * power).sum()
    }
}

/// Slaney's triangles of equal area, 0 Hz to the Nyquist frequency (Auditory Toolbox 1998; librosa's default).
fn filters() -> Vec<Filter> {
    let nyquist = f64::from(SAMPLE_RATE) / 2.0;
    let highest = mel_of(nyquist);
    let edges: Vec<f64> = (0..BANDS + 2).map(|i| hertz_of(highest * i as f64 / (BANDS + 1) as f64)).collect();
    let bin = |k: usize| k as f64 * f64::from(SAMPLE_RATE) / FFT as f64;
    let band = |edge: &[f64]| {
        let weight = |k: usize| {
            let up = (bin(k) - edge[0]) / (edge[1] - edge[0]);
            let down = (edge[2] - bin(k)) / (edge[2] - edge[1]);
            up.min(down).max(0.0) * 2.0 / (edge[2] - edge[0])
        };
        let from = (0..BINS).find(|k| weight(*k) > 0.0).unwrap_or(0);
        let weights = (from..BINS).map(weight).take_while(|weight| *weight > 0.0);
        Filter { from, weights: weights.map(|weight| weight as f32).collect() }
    };
    edges.windows(3).map(band).collect()
}

/// Slaney's scale: linear below 1 kHz, logarithmic above.
const BREAK_HERTZ: f64 = 1_000.0;
const BREAK_MEL: f64 = 15.0;
const HERTZ_PER_MEL: f64 = 200.0 / 3.0;

fn log_step() -> f64 {
    6.4f64.ln() / 27.0
}

fn mel_of(hertz: f64) -> f64 {
    if hertz < BREAK_HERTZ {
        hertz / HERTZ_PER_MEL
    } else {
        BREAK_MEL + (hertz / BREAK_HERTZ).ln() / log_step()
    }
}

fn hertz_of(mel: f64) -> f64 {
    if mel < BREAK_MEL { mel * HERTZ_PER_MEL } else { BREAK_HERTZ * ((mel - BREAK_MEL) * log_step()).exp() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sweep over a hum, one second.
    fn sweep() -> Vec<f32> {
        let sample = |i: f64| 0.4 * (i * i * 1.2e-4).sin() + 0.2 * (i * 0.05).sin();
        (0..16_000).map(|i| sample(f64::from(i)) as f32).collect()
    }

    #[test]
    fn the_spectrogram_is_the_one_that_the_model_was_trained_on() {
        // Bands 0, 1, 10, 40 and 79 of some frames, by the feature extractor of faster-whisper 1.2.1.
        let reference: [(usize, [f32; 5]); 7] = [
            (0, [1.19947, 0.9725, 0.57035, -0.06312, -0.55043]),
            (1, [1.2466, 1.31726, -0.01823, -0.56605, -0.65206]),
            (50, [0.42356, 1.02256, -0.40216, -0.65206, -0.65206]),
            (99, [0.42071, 1.02511, 0.16821, -0.12308, -0.11423]),
            (100, [0.81024, 1.01774, 0.65818, 0.37362, 0.36973]),
            (101, [0.26148, 0.25818, 0.14375, -0.15071, -0.17]),
            (2_999, [-0.65206; 5]),
        ];
        let log = Mel::new().spectrogram(&sweep(), FRAMES);
        assert_eq!(log.dim(), (FRAMES, BANDS));
        for (frame, bands) in reference {
            for (band, expected) in [0, 1, 10, 40, 79].into_iter().zip(bands) {
                let found = log[(frame, band)];
                assert!(
                    (found - expected).abs() < 2e-3,
                    "frame {frame}, band {band}: {found}, not {expected}"
                );
            }
        }
        let mean = log.iter().map(|value| f64::from(*value)).sum::<f64>() / log.len() as f64;
        assert!((mean + 0.642_16).abs() < 1e-4, "{mean}");
    }

    #[test]
    fn silence_and_audio_past_the_window_are_no_trouble() {
        let silent = Mel::new().spectrogram(&[], 10);
        assert!(silent.iter().all(|value| *value == silent[(0, 0)] && value.is_finite()));
        let long = Mel::new().spectrogram(&vec![0.1; WINDOW + 1_000], FRAMES);
        assert_eq!(long.dim(), (FRAMES, BANDS));
    }
}
