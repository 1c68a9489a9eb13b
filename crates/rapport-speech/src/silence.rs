//! Where somebody may be speaking, told by loudness alone: silence costs no model, and invites it to make words up.

use std::ops::Range;

use crate::SAMPLE_RATE;

/// Samples of a frame: 20 ms.
const FRAME: usize = SAMPLE_RATE as usize / 50;
/// A clip that is nowhere louder is silent, in dB below full scale: a voice across a room is louder.
const SILENT: f32 = -55.0;
/// A clip whose level moves less, in dB, is a hum or a hiss: speech moves by 20 and more.
const STEADY: f32 = 6.0;
/// Fewest frames by which to tell a hum from a vowel: half a second.
const STEADY_FRAMES: usize = 25;
/// Above the quietest tenth of a clip, in dB, somebody may be speaking.
const ABOVE_NOISE: f32 = 8.0;
/// How far below the loudest frames speech goes on at most and at least, in dB.
const BELOW_PEAK: Range<f32> = 18.0..40.0;
/// Kept before and after, in frames: consonants are quiet, and the model wants to hear a start.
const BEFORE: usize = 15;
const AFTER: usize = 20;
/// Shorter sounds by themselves are clicks, in frames.
const CLICK: usize = 2;

/// The stretches where somebody may be speaking, in samples, in order and apart.
pub fn spoken(samples: &[f32]) -> Vec<Range<usize>> {
    let levels: Vec<f32> = samples.chunks(FRAME).map(level).collect();
    let Some(threshold) = threshold(&levels) else { return Vec::new() };
    let mut stretches: Vec<Range<usize>> = Vec::new();
    let mut from = 0;
    for stretch in levels.chunk_by(|a, b| (*a >= threshold) == (*b >= threshold)) {
        let to = from + stretch.len();
        if stretch[0] >= threshold && stretch.len() >= CLICK {
            let wide = from.saturating_sub(BEFORE)..(to + AFTER).min(levels.len());
            match stretches.last_mut() {
                Some(last) if wide.start <= last.end => last.end = wide.end,
                _ => stretches.push(wide),
            }
        }
        from = to;
    }
    stretches.iter().map(|s| s.start * FRAME..(s.end * FRAME).min(samples.len())).collect()
}

/// Parts of at most `longest` samples that hold what is spoken, silence left out: each is cut where it is quietest.
pub fn parts(samples: &[f32], longest: usize) -> Vec<Vec<f32>> {
    let mut parts: Vec<Vec<f32>> = Vec::new();
    for stretch in spoken(samples) {
        let mut rest = &samples[stretch];
        while rest.len() > longest {
            let (head, tail) = rest.split_at(quietest(rest, longest));
            parts.push(head.to_vec());
            rest = tail;
        }
        match parts.last_mut() {
            Some(last) if last.len() + rest.len() <= longest => last.extend_from_slice(rest),
            _ => parts.push(rest.to_vec()),
        }
    }
    parts
}

/// Where to cut: the quietest fifth of a second in the last third before `longest`.
fn quietest(samples: &[f32], longest: usize) -> usize {
    const PAUSE: usize = 10;
    let levels: Vec<f32> = samples[..longest].chunks(FRAME).map(level).collect();
    let from = levels.len() * 2 / 3;
    let pause = levels[from..].windows(PAUSE).map(|pause| pause.iter().sum::<f32>()).enumerate();
    let at = pause.min_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(at, _)| at);
    ((from + at + PAUSE / 2) * FRAME).min(longest)
}

/// The level from which a frame counts as spoken; `None` where the whole clip is silent or steady.
fn threshold(levels: &[f32]) -> Option<f32> {
    let mut sorted = levels.to_vec();
    sorted.sort_by(f32::total_cmp);
    let at = |share: f32| sorted.get((sorted.len().saturating_sub(1) as f32 * share) as usize).copied();
    let (noise, peak) = (at(0.1)?, at(0.98)?);
    let steady = levels.len() >= STEADY_FRAMES && at(0.98)? - at(0.02)? < STEADY;
    if peak < SILENT || steady {
        return None;
    }
    Some((noise + ABOVE_NOISE).clamp(peak - BELOW_PEAK.end, peak - BELOW_PEAK.start))
}

/// A frame's power, in dB of full scale.
fn level(frame: &[f32]) -> f32 {
    let mean = frame.iter().sum::<f32>() / frame.len() as f32;
    let power = frame.iter().map(|s| (s - mean) * (s - mean)).sum::<f32>() / frame.len() as f32;
    10.0 * power.max(1e-12).log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: usize = SAMPLE_RATE as usize;

    /// Noise of about `level` dB, the same each time.
    fn noise(samples: usize, level: f32) -> Vec<f32> {
        let mut state = 1u32;
        let amplitude = 10f32.powf(level / 20.0) * 3f32.sqrt();
        let mut next = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        };
        (0..samples).map(|_| next() * amplitude).collect()
    }

    /// Syllables: a buzz that swells and fades four times a second.
    fn babble(samples: usize) -> Vec<f32> {
        let swell = |i: usize| (i as f32 / SECOND as f32 * 4.0 * std::f32::consts::PI).sin().powi(2);
        (0..samples).map(|i| (i as f32 * 0.06).sin() * 0.3 * swell(i)).collect()
    }

    #[test]
    fn silence_hiss_and_hum_hold_no_speech() {
        let tone: Vec<f32> = (0..2 * SECOND).map(|i| (i as f32 * 0.1).sin() * 0.4).collect();
        for quiet in [
            vec![0.0; 3 * SECOND],
            vec![0.2; SECOND],
            noise(2 * SECOND, -60.0),
            noise(3 * SECOND, -25.0),
            tone,
        ] {
            assert_eq!(spoken(&quiet), []);
        }
        assert_eq!(spoken(&[]), []);
    }

    #[test]
    fn a_voice_is_found_between_silences_with_some_air_around_it() {
        let clip = [noise(2 * SECOND, -50.0), babble(SECOND), noise(3 * SECOND, -50.0)].concat();
        let found = spoken(&clip);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].start.abs_diff(2 * SECOND - BEFORE * FRAME) < SECOND / 10, "{found:?}");
        assert!(found[0].end.abs_diff(3 * SECOND + AFTER * FRAME) < SECOND / 5, "{found:?}");
    }

    #[test]
    fn a_long_pause_is_left_out_and_a_short_one_stays() {
        let short = [babble(SECOND), vec![0.0; SECOND / 4], babble(SECOND)].concat();
        assert_eq!(parts(&short, 30 * SECOND).concat().len(), short.len());
        let long = [babble(SECOND), vec![0.0; 5 * SECOND], babble(SECOND)].concat();
        let kept = parts(&long, 30 * SECOND);
        assert_eq!(kept.len(), 1);
        assert!(kept[0].len() < 3 * SECOND, "{}", kept[0].len());
    }

    #[test]
    fn no_part_is_longer_than_the_model_hears_and_nothing_spoken_is_lost() {
        let clip = babble(50 * SECOND);
        let parts = parts(&clip, 30 * SECOND);
        assert!(parts.iter().all(|part| part.len() <= 30 * SECOND));
        assert!(parts.concat().len() > 49 * SECOND);
    }
}
