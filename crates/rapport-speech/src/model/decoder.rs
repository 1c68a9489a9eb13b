//! The half that speaks: states of what was heard and the tokens so far in, scores of the next token out.

use half::f16;
use ndarray::{Array2, s};

use crate::model::linear::{Linear, Norm, apply_few};
use crate::model::math::{add_scaled, dot, gelu, softmax};
use crate::model::{HEAD, HEADS, INNER, LAYERS, POSITIONS, VOCABULARY, WIDTH};
use crate::weights::{ModelError, Variables};

/// The decoder.
pub struct Decoder {
    /// `[VOCABULARY, WIDTH]`; also the last map, from a state to scores.
    embedding: Vec<f16>,
    positions: Vec<f16>,
    layers: Vec<Layer>,
    norm: Norm,
}

struct Layer {
    self_norm: Norm,
    /// Queries, keys and values side by side.
    self_attention: Linear,
    self_out: Linear,
    cross_norm: Norm,
    cross_query: Linear,
    /// Keys and values side by side.
    cross_memory: Linear,
    cross_out: Linear,
    feed_norm: Norm,
    feed_in: Linear,
    feed_out: Linear,
}

/// What was heard, as each layer looks at it: keys and values side by side, a row a state.
pub struct Heard(Vec<Array2<f32>>);

/// What was said so far, as each layer looks at it: keys and values side by side, a row a token.
#[derive(Clone)]
pub struct Said {
    layers: [Vec<f32>; LAYERS],
    tokens: usize,
}

impl Said {
    /// Nothing.
    pub fn nothing() -> Self {
        Self { layers: std::array::from_fn(|_| Vec::new()), tokens: 0 }
    }

    /// How many tokens.
    pub fn len(&self) -> usize {
        self.tokens
    }
}

impl Decoder {
    /// Takes the decoder's variables.
    ///
    /// # Errors
    /// When one is missing or has another shape.
    pub fn take(variables: &mut Variables) -> Result<Self, ModelError> {
        Ok(Self {
            embedding: variables.take("decoder/embeddings/weight", &[VOCABULARY, WIDTH])?,
            positions: variables.take("decoder/position_encodings/encodings", &[POSITIONS, WIDTH])?,
            layers: (0..LAYERS).map(|layer| Layer::take(variables, layer)).collect::<Result<_, _>>()?,
            norm: Norm::take(variables, "decoder/layer_norm", WIDTH)?,
        })
    }

    /// Prepares the encoder's states for all steps to come.
    pub fn hear(&self, states: &Array2<f32>) -> Heard {
        Heard(self.layers.iter().map(|layer| layer.cross_memory.apply(states.view())).collect())
    }

    /// The scores of what follows when each of several texts goes on with its token: `[texts, VOCABULARY]`.
    ///
    /// Each text may have at most [`POSITIONS`] tokens; further ones stand at the last position.
    pub fn step(&self, heard: &Heard, texts: &mut [(&mut Said, u32)]) -> Array2<f32> {
        let mut states = Array2::zeros((texts.len(), WIDTH));
        for (mut state, (said, token)) in states.outer_iter_mut().zip(texts.iter_mut()) {
            let embedded = row(&self.embedding, *token as usize).iter();
            let positions = row(&self.positions, said.tokens.min(POSITIONS - 1)).iter();
            for ((value, embedded), position) in state.iter_mut().zip(embedded).zip(positions) {
                *value = embedded.to_f32() + position.to_f32();
            }
            said.tokens += 1;
        }
        for (index, (layer, heard)) in self.layers.iter().zip(&heard.0).enumerate() {
            layer.apply(index, &mut states, heard, texts);
        }
        apply_few(&self.embedding, &self.norm.of(&states), |_| 0.0, VOCABULARY)
    }
}

/// A row of a table, the last one where there is none.
fn row(table: &[f16], at: usize) -> &[f16] {
    let at = at.min(table.len() / WIDTH - 1);
    &table[at * WIDTH..(at + 1) * WIDTH]
}

impl Layer {
    fn take(variables: &mut Variables, layer: usize) -> Result<Self, ModelError> {
        let name = |part: &str| format!("decoder/layer_{layer}/{part}");
        Ok(Self {
            self_norm: Norm::take(variables, &name("self_attention/layer_norm"), WIDTH)?,
            self_attention: Linear::take(variables, &name("self_attention/linear_0"), 3 * WIDTH, WIDTH)?,
            self_out: Linear::take(variables, &name("self_attention/linear_1"), WIDTH, WIDTH)?,
            cross_norm: Norm::take(variables, &name("attention/layer_norm"), WIDTH)?,
            cross_query: Linear::take(variables, &name("attention/linear_0"), WIDTH, WIDTH)?,
            cross_memory: Linear::take(variables, &name("attention/linear_1"), 2 * WIDTH, WIDTH)?,
            cross_out: Linear::take(variables, &name("attention/linear_2"), WIDTH, WIDTH)?,
            feed_norm: Norm::take(variables, &name("ffn/layer_norm"), WIDTH)?,
            feed_in: Linear::take(variables, &name("ffn/linear_0"), INNER, WIDTH)?,
            feed_out: Linear::take(variables, &name("ffn/linear_1"), WIDTH, INNER)?,
        })
    }

    fn apply(
        &self,
        index: usize,
        states: &mut Array2<f32>,
        heard: &Array2<f32>,
        texts: &mut [(&mut Said, u32)],
    ) {
        let projected = self.self_attention.apply_few(&self.self_norm.of(states));
        let mut seen = Array2::zeros((texts.len(), WIDTH));
        for ((mut seen, projected), (said, _)) in
            seen.outer_iter_mut().zip(projected.outer_iter()).zip(texts.iter_mut())
        {
            let memory = &mut said.layers[index];
            memory.extend(projected.slice(s![WIDTH..]));
            let query = projected.slice(s![..WIDTH]);
            if let (Some(query), Some(seen)) = (query.to_slice(), seen.as_slice_mut()) {
                attend(query, memory, seen);
            }
        }
        *states += &self.self_out.apply_few(&seen);

        let queries = self.cross_query.apply_few(&self.cross_norm.of(states));
        let mut found = Array2::zeros((texts.len(), WIDTH));
        for (query, mut found) in queries.outer_iter().zip(found.outer_iter_mut()) {
            if let (Some(query), Some(memory), Some(found)) =
                (query.to_slice(), heard.as_slice(), found.as_slice_mut())
            {
                attend(query, memory, found);
            }
        }
        *states += &self.cross_out.apply_few(&found);

        let mut inner = self.feed_in.apply_few(&self.feed_norm.of(states));
        if let Some(values) = inner.as_slice_mut() {
            gelu(values);
        }
        *states += &self.feed_out.apply_few(&inner);
    }
}

/// Attention of one query to a memory of keys and values side by side (Vaswani et al. 2017, eq. 1).
fn attend(query: &[f32], memory: &[f32], into: &mut [f32]) {
    let scale = 1.0 / (HEAD as f32).sqrt();
    let rows = memory.chunks_exact(2 * WIDTH);
    let mut scores = vec![0.0; rows.len()];
    for head in 0..HEADS {
        let at = head * HEAD..(head + 1) * HEAD;
        for (score, row) in scores.iter_mut().zip(rows.clone()) {
            *score = dot(&query[at.clone()], &row[at.clone()]) * scale;
        }
        softmax(&mut scores);
        let into = &mut into[at.clone()];
        for (score, row) in scores.iter().zip(rows.clone()) {
            add_scaled(into, *score, &row[WIDTH + at.start..WIDTH + at.end]);
        }
    }
}
