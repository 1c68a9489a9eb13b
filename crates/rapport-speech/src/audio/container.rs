//! Files and their codecs, by symphonia; Opus, which it finds and does not decode, by [`super::opus`].

use std::io::Cursor;

use symphonia::core::codecs::audio::well_known::CODEC_ID_OPUS;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;
use symphonia::core::packet::Packet;

use crate::audio::opus::OpusStream;
use crate::audio::{AudioError, Sound};

/// Packets in a row that may be broken before the rest is given up.
const MAX_BROKEN: usize = 32;

/// Decodes the first audio track into one channel.
pub fn decode(bytes: &[u8], max_seconds: f32) -> Result<Sound, AudioError> {
    // Symphonia wants to own what it reads; the copy is bounded by the limit of bytes.
    let stream = MediaSourceStream::new(Box::new(Cursor::new(bytes.to_vec())), Default::default());
    let mut format = symphonia::default::get_probe()
        .probe(&Hint::new(), stream, FormatOptions::default(), MetadataOptions::default())
        .map_err(|_| AudioError::UnknownFormat)?;
    let track = format.default_track(TrackType::Audio).ok_or(AudioError::UnknownCodec("no audio track"))?;
    let parameters = track.codec_params.as_ref().and_then(|parameters| parameters.audio());
    let parameters = parameters.ok_or(AudioError::UnknownCodec("no parameters"))?.clone();
    let (id, delay) = (track.id, track.delay.unwrap_or(0));
    let mut codec = Codec::open(&parameters, delay)?;
    read_all(format.as_mut(), id, &mut codec, max_seconds)
}

/// What turns packets into sound.
enum Codec {
    Known(Box<dyn AudioDecoder>, Vec<f32>),
    Opus(Box<OpusStream>),
}

impl Codec {
    fn open(parameters: &AudioCodecParameters, delay: u32) -> Result<Self, AudioError> {
        if parameters.codec == CODEC_ID_OPUS {
            return Ok(Self::Opus(Box::new(OpusStream::open(parameters.extra_data.as_deref(), delay)?)));
        }
        let decoder = symphonia::default::get_codecs()
            .make_audio_decoder(parameters, &AudioDecoderOptions::default())
            .map_err(|_| AudioError::UnknownCodec("no decoder for it"))?;
        Ok(Self::Known(decoder, Vec::new()))
    }

    /// Adds a packet's sound, mixed into one channel; returns the rate.
    fn decode(&mut self, packet: &Packet, into: &mut Vec<f32>) -> Result<u32, Error> {
        match self {
            Self::Opus(stream) => stream.decode(&packet.data, into).map_err(|_| Error::DecodeError("opus")),
            Self::Known(decoder, interleaved) => {
                let decoded = decoder.decode(packet)?;
                let channels = decoded.spec().channels().count().max(1);
                decoded.copy_to_vec_interleaved(interleaved);
                mix(interleaved, channels, into);
                Ok(decoded.spec().rate())
            }
        }
    }
}

fn read_all(
    format: &mut dyn FormatReader,
    track: u32,
    codec: &mut Codec,
    max_seconds: f32,
) -> Result<Sound, AudioError> {
    let mut sound = Sound { rate: 0, samples: Vec::new() };
    let mut broken = 0;
    // A file that was cut off ends here in an error: what came before it was said all the same.
    while let Ok(Some(packet)) = format.next_packet() {
        if packet.track_id != track {
            continue;
        }
        match codec.decode(&packet, &mut sound.samples) {
            Ok(rate) if sound.rate != 0 && rate != sound.rate => {
                return Err(AudioError::Damaged("its sample rate changes midway"));
            }
            Ok(rate) => (sound.rate, broken) = (rate, 0),
            Err(Error::DecodeError(_) | Error::IoError(_)) if broken < MAX_BROKEN => broken += 1,
            Err(_) => break,
        }
        if sound.samples.len() as f64 > f64::from(max_seconds) * f64::from(sound.rate) + 1.0 && sound.rate > 0
        {
            return Err(AudioError::TooLong { limit: max_seconds });
        }
    }
    match (sound.rate, broken) {
        (0, 1..) => Err(AudioError::Damaged("none of its packets can be decoded")),
        (0, 0) => Err(AudioError::Empty),
        _ => Ok(sound),
    }
}

/// The mean of the channels.
fn mix(interleaved: &[f32], channels: usize, into: &mut Vec<f32>) {
    let scale = 1.0 / channels as f32;
    into.extend(interleaved.chunks_exact(channels).map(|frame| frame.iter().sum::<f32>() * scale));
}
