//! `POST /feed`.

use rapport_core::explain::{Contribution, Receipt, Row, reasons};
use rapport_core::gate::{Decider, Feed, Gate, Purpose, View};
use rapport_core::ids::Product;
use rapport_core::pipeline::{FeedRequest, FeedWorld, RankedFeed, feed};

use crate::app::receipts::{StoredReceipt, class_uses, others};
use crate::app::{App, Call, Problem, asking, limit, name};

/// Who wants a feed, and where.
#[derive(Clone, Debug, serde::Deserialize, utoipa::ToSchema)]
pub struct FeedQuestion {
    /// The person.
    pub person: String,
    /// The product that it is shown in.
    pub product: String,
    /// Items wanted.
    pub limit: Option<i64>,
}

/// A feed.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct FeedAnswer {
    /// The receipt's id.
    pub receipt: String,
    /// The policy version that it was judged by.
    pub policy: String,
    /// Whether anything about the person could shape it.
    pub personalised: bool,
    /// Best first.
    pub items: Vec<FeedItem>,
}

/// One row of a feed.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct FeedItem {
    /// The item.
    pub item: String,
    /// What it is.
    pub kind: String,
    /// What its contributions add up to, in nats.
    pub score: f64,
    /// Why.
    pub reasons: Vec<ReasonAnswer>,
}

/// One reason.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct ReasonAnswer {
    /// One of the contract's kinds, for example `said`.
    #[schema(value_type = String)]
    pub kind: &'static str,
    /// The IAB 3.1 id that it is about.
    #[schema(value_type = Option<String>)]
    pub topic: Option<&'static str>,
    /// Where the evidence comes from.
    #[schema(value_type = Option<String>)]
    pub source: Option<&'static str>,
    /// The person's own event.
    pub event: Option<String>,
    /// Contribution ÷ the sum of the positive contributions.
    pub share: f64,
}

impl App {
    /// What this person should see now.
    ///
    /// # Errors
    /// `unknown-person`, a field that is wrong, or a fault of the store.
    pub fn feed(&self, question: &FeedQuestion, call: &Call) -> Result<FeedAnswer, Problem> {
        let policy = self.policies.for_call(call)?;
        let product = name("product", &question.product)?;
        let rows = limit(question.limit, self.config.feed.default_limit, self.config.feed.max_limit)?;
        let seed = call.seed()?;
        let (who, ready) = self.person(&question.person, policy)?;
        let view: View<'_, Feed> =
            Gate::new(policy.as_ref()).view(&ready.profile, &ready.person, &asking(&product, call));
        let catalog = self.items.snapshot();
        let popular = self.popular(policy, &product, call);
        let world = FeedWorld { catalog: &catalog, popularity: &popular.votes, popular: &popular.top };
        let request = FeedRequest { view: &view, viewer: Some(who), limit: rows, seed };
        let ranked = feed(&world, &request, &self.config.feed.ranking);

        let receipt = Receipt {
            at: call.now,
            purpose: Purpose::Feed,
            product: product.clone(),
            policy: policy.facts().version.clone(),
            seed,
            personalised: view.is_personal(),
            classes: class_uses(&view, policy.facts()),
            stages: ranked.stages.clone(),
            rows: rows_of(&ranked),
        };
        let others = others(who, &receipt.rows, &catalog, &view);
        let id = self.put_receipt(who, &StoredReceipt { receipt, lost: Vec::new(), others })?;
        Ok(FeedAnswer {
            receipt: id,
            policy: policy.facts().version.clone(),
            personalised: view.is_personal(),
            items: ranked.rows.into_iter().map(answer).collect(),
        })
    }

    /// What is popular; with `--dev`, where requests may bring any clock, counted up to this very request.
    fn popular(
        &self,
        policy: &rapport_policy::CedarPolicy,
        product: &Product,
        call: &Call,
    ) -> std::sync::Arc<super::world::Popular> {
        let version = &policy.facts().version;
        if self.mode.dev {
            self.boards.of(self.store.as_ref(), version, product);
            self.refresh_popular(call.now);
        }
        self.boards.of(self.store.as_ref(), version, product)
    }
}

fn rows_of(ranked: &RankedFeed) -> Vec<Row> {
    ranked
        .rows
        .iter()
        .map(|row| Row {
            id: row.item.id.clone(),
            score: row.score,
            price_micros: None,
            contributions: row.contributions.clone(),
            moved: row.moved.clone(),
        })
        .collect()
}

fn answer(row: rapport_core::pipeline::RankedItem) -> FeedItem {
    FeedItem {
        item: row.item.id.as_str().to_owned(),
        kind: row.item.kind.clone(),
        score: row.score.nats(),
        reasons: answer_reasons(&row.contributions),
    }
}

/// Contributions as the contract answers them.
pub(super) fn answer_reasons(contributions: &[Contribution]) -> Vec<ReasonAnswer> {
    reasons(contributions)
        .into_iter()
        .map(|reason| ReasonAnswer {
            kind: reason.kind.name(),
            topic: reason.topic.map(|topic| topic.code()),
            source: reason.source.map(|source| source.name()),
            event: reason.event.map(|event| event.as_str().to_owned()),
            share: reason.share,
        })
        .collect()
}
