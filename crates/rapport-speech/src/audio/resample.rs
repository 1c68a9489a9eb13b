//! From a file's own rate to the model's.

use rubato::audioadapter_buffers::owned::InterleavedOwned;
use rubato::{Fft, FixedSync, Resampler};

use crate::SAMPLE_RATE;
use crate::audio::{AudioError, Sound};

/// Frames that the resampler takes at a time: long enough for a steep filter, short enough for a clip of a word.
const CHUNK: usize = 1_024;
/// Rates that microphones and files have; outside of it a header is broken.
const RATES: std::ops::RangeInclusive<u32> = 4_000..=384_000;

/// The same sound at 16 kHz.
///
/// # Errors
/// When the rate is none that sound is recorded at.
pub fn to_model_rate(sound: Sound) -> Result<Vec<f32>, AudioError> {
    if sound.rate == SAMPLE_RATE {
        return Ok(sound.samples);
    }
    if !RATES.contains(&sound.rate) {
        return Err(AudioError::Damaged("its sample rate is none that sound is recorded at"));
    }
    let failed = || AudioError::Damaged("it can't be resampled");
    let mut resampler = Fft::<f32>::new(sound.rate as usize, SAMPLE_RATE as usize, CHUNK, 1, FixedSync::Both)
        .map_err(|_| failed())?;
    let frames = sound.samples.len();
    let input = InterleavedOwned::new_from(sound.samples, 1, frames).map_err(|_| failed())?;
    let output = resampler.process_all(&input, frames, None).map_err(|_| failed())?;
    Ok(output.take_data())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(rate: u32, hertz: f32, seconds: f32) -> Sound {
        let samples = (0..(rate as f32 * seconds) as usize)
            .map(|i| (i as f32 / rate as f32 * hertz * std::f32::consts::TAU).sin() * 0.5)
            .collect();
        Sound { rate, samples }
    }

    fn level(samples: &[f32]) -> f32 {
        (samples.iter().map(|s| s * s).sum::<f32>() / samples.len() as f32).sqrt()
    }

    #[test]
    fn a_tone_keeps_its_pitch_place_and_level_from_any_rate() {
        for rate in [8_000, 11_025, 22_050, 32_000, 44_100, 48_000, 96_000] {
            let out = to_model_rate(tone(rate, 440.0, 1.0)).unwrap();
            assert!(out.len().abs_diff(16_000) <= 2, "{rate}: {}", out.len());
            let expected = tone(SAMPLE_RATE, 440.0, 1.0).samples;
            let middle = 2_000..14_000;
            let worst = middle.map(|i| (out[i] - expected[i]).abs()).fold(0.0, f32::max);
            // The filter's delay is a whole number of samples: less than one may be left.
            assert!(
                worst < 0.5 * (440.0 / SAMPLE_RATE as f32 * std::f32::consts::TAU),
                "{rate}: off by {worst}"
            );
        }
    }

    #[test]
    fn what_the_model_could_not_hear_does_not_fold_into_what_it_hears() {
        let out = to_model_rate(tone(48_000, 11_000.0, 1.0)).unwrap();
        assert!(level(&out[1_000..15_000]) < 0.001, "{}", level(&out[1_000..15_000]));
    }

    #[test]
    fn a_rate_that_is_none_is_refused() {
        for rate in [0, 1, 3_999, 4_000_000] {
            let sound = Sound { rate, samples: vec![0.0; 10] };
            assert!(matches!(to_model_rate(sound), Err(AudioError::Damaged(_))));
        }
    }

    #[test]
    fn a_clip_shorter_than_the_filter_survives() {
        let out = to_model_rate(tone(44_100, 440.0, 0.01)).unwrap();
        assert!(out.len().abs_diff(160) <= 2, "{}", out.len());
    }
}
