//! Opus packets, decoded straight to the model's rate.

use opus_decoder::OpusMultistreamDecoder;

use crate::SAMPLE_RATE;
use crate::audio::AudioError;

/// Samples a second that an Opus header counts in, whatever the rate of what was recorded.
const HEADER_RATE: u32 = 48_000;
/// Longest packet, in samples a channel at 16 kHz: 120 ms (RFC 6716, section 3).
const MAX_FRAME: usize = 1_920;

/// An Opus stream with what its header says.
pub struct OpusStream {
    decoder: OpusMultistreamDecoder,
    channels: usize,
    gain: f32,
    /// Samples of the encoder's start that are no sound.
    skip: usize,
    pcm: Vec<f32>,
}

impl OpusStream {
    /// Reads the identification header (RFC 7845, section 5.1); `delay` stands in where there is none.
    ///
    /// # Errors
    /// When the header asks for more channels than can be decoded.
    pub fn open(header: Option<&[u8]>, delay: u32) -> Result<Self, AudioError> {
        let head =
            Head::read(header.unwrap_or_default(), delay).ok_or(AudioError::Damaged("its Opus header"))?;
        let decoder = OpusMultistreamDecoder::new(
            SAMPLE_RATE,
            head.mapping.len(),
            head.streams,
            head.coupled,
            &head.mapping,
        )
        .map_err(|_| AudioError::UnknownCodec("Opus with this layout of channels"))?;
        Ok(Self {
            decoder,
            channels: head.mapping.len(),
            gain: 10f32.powf(f32::from(head.gain) / (20.0 * 256.0)),
            skip: (head.skip as usize * SAMPLE_RATE as usize) / HEADER_RATE as usize,
            pcm: vec![0.0; MAX_FRAME * head.mapping.len()],
        })
    }

    /// Adds a packet's sound, mixed into one channel; returns the rate.
    ///
    /// # Errors
    /// When the packet is malformed.
    pub fn decode(&mut self, packet: &[u8], into: &mut Vec<f32>) -> Result<u32, ()> {
        let frames = self.decoder.decode_float(packet, &mut self.pcm, false).map_err(drop)?;
        let skipped = frames.min(self.skip);
        self.skip -= skipped;
        let scale = self.gain / self.channels as f32;
        let frames = self.pcm[..frames * self.channels].chunks_exact(self.channels).skip(skipped);
        into.extend(frames.map(|frame| frame.iter().sum::<f32>() * scale));
        Ok(SAMPLE_RATE)
    }
}

struct Head {
    skip: u32,
    /// 1/256 dB.
    gain: i16,
    streams: usize,
    coupled: usize,
    /// The stream that each channel is decoded from.
    mapping: Vec<u8>,
}

impl Head {
    fn read(bytes: &[u8], delay: u32) -> Option<Self> {
        let mono = Self { skip: delay, gain: 0, streams: 1, coupled: 0, mapping: vec![0] };
        let Some(body) = bytes.strip_prefix(b"OpusHead") else { return Some(mono) };
        let channels = usize::from(*body.get(1)?);
        let skip = u32::from(u16::from_le_bytes([*body.get(2)?, *body.get(3)?]));
        let gain = i16::from_le_bytes([*body.get(8)?, *body.get(9)?]);
        let (streams, coupled, mapping) = match (*body.get(10)?, channels) {
            (0, 1) => (1, 0, vec![0]),
            (0, 2) => (1, 1, vec![0, 1]),
            (0, _) | (_, 0) => return None,
            _ => (
                usize::from(*body.get(11)?),
                usize::from(*body.get(12)?),
                body.get(13..13 + channels)?.to_vec(),
            ),
        };
        Some(Self { skip, gain, streams, coupled, mapping })
    }
}
