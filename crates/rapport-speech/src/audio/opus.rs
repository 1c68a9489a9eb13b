//! Opus packets, decoded straight to one channel at the model's rate.

use ropus::{Channels, DecodeMode, Decoder};

use crate::SAMPLE_RATE;
use crate::audio::AudioError;

/// Samples a second that an Opus header counts in, whatever the rate of what was recorded.
const HEADER_RATE: usize = 48_000;
/// Longest packet, in samples at the model's rate: 120 ms (RFC 6716, section 3).
const LONGEST: usize = SAMPLE_RATE as usize * 120 / 1_000;

/// An Opus stream with what its header says.
pub struct OpusStream {
    decoder: Decoder,
    /// Samples of the encoder's start that are no sound.
    skip: usize,
    pcm: Vec<f32>,
}

impl OpusStream {
    /// Reads the identification header (RFC 7845, section 5.1); `delay` stands in where there is none.
    ///
    /// # Errors
    /// When the header is broken, or there are more than two channels.
    pub fn open(header: Option<&[u8]>, delay: u32) -> Result<Self, AudioError> {
        let broken = || AudioError::Damaged("its Opus header is broken");
        let head = Head::read(header.unwrap_or_default(), delay).ok_or_else(broken)?;
        if head.channels > 2 {
            return Err(AudioError::UnknownCodec("Opus with more than two channels"));
        }
        let mut decoder = Decoder::new(SAMPLE_RATE, Channels::Mono).map_err(|_| broken())?;
        decoder.set_gain(head.gain.into()).map_err(|_| broken())?;
        let skip = head.skip as usize * SAMPLE_RATE as usize / HEADER_RATE;
        Ok(Self { decoder, skip, pcm: vec![0.0; LONGEST] })
    }

    /// Adds a packet's sound; returns the rate.
    ///
    /// # Errors
    /// When the packet is malformed.
    pub fn decode(&mut self, packet: &[u8], into: &mut Vec<f32>) -> Result<u32, ropus::DecodeError> {
        let length = self.decoder.decode_float(packet, &mut self.pcm, DecodeMode::Normal)?;
        let skipped = length.min(self.skip);
        self.skip -= skipped;
        into.extend_from_slice(&self.pcm[skipped..length]);
        Ok(SAMPLE_RATE)
    }
}

struct Head {
    channels: u8,
    skip: u32,
    /// 1/256 dB.
    gain: i16,
}

impl Head {
    fn read(bytes: &[u8], delay: u32) -> Option<Self> {
        let Some(body) = bytes.strip_prefix(b"OpusHead") else {
            return Some(Self { channels: 1, skip: delay, gain: 0 });
        };
        let [_version, channels @ 1..=u8::MAX, skip_low, skip_high, _, _, _, _, gain_low, gain_high, ..] =
            *body
        else {
            return None;
        };
        let skip = u16::from_le_bytes([skip_low, skip_high]).into();
        Some(Self { channels, skip, gain: i16::from_le_bytes([gain_low, gain_high]) })
    }
}
