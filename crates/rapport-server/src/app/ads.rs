//! `POST /ads`: an auction, a durable reservation of its prices, and a receipt.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use rapport_core::auction::{
    Beside, Campaign, Left, Micros, Outcome, PastDecision, Request, Snapshot, Winner, ad_key, run,
};
use rapport_core::explain::{Receipt, Row, StageCount};
use rapport_core::gate::{Ads, Decider, Gate, Purpose, View};
use rapport_core::ids::{Name, Surrogate};
use rapport_core::time::{DAY, HOUR, UnixMillis};
use rapport_store::{Reservation, Reserved, Store};

use crate::app::call::random;
use crate::app::feed::{ReasonAnswer, answer_reasons};
use crate::app::receipts::{StoredReceipt, class_uses, others};
use crate::app::tokens::Kind;
use crate::app::{App, Call, Problem, asking, limit, name};

/// The longest frequency cap that a campaign may have, which is as far back as decisions are read.
const CAP_WINDOW: i64 = 8_784 * HOUR;
/// Auctions held for one answer, if budgets run out between an auction and its reservation.
const ROUNDS: usize = 8;

/// Who is to see ads, and where.
#[derive(Clone, Debug, serde::Deserialize, utoipa::ToSchema)]
pub struct AdsRequest {
    /// The person.
    pub person: String,
    /// The product that they are shown in.
    pub product: String,
    /// Where in the product; kept for the app's own use.
    pub placement: Option<String>,
    /// Ads wanted.
    pub limit: Option<i64>,
    /// What is shown beside them.
    pub context: Option<Context>,
}

/// What an ad is shown beside.
#[derive(Clone, Debug, serde::Deserialize, utoipa::ToSchema)]
pub struct Context {
    /// An item of the catalogue.
    pub item: Option<String>,
}

/// Ads, if any.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct AdsAnswer {
    /// The receipt's id.
    pub receipt: String,
    /// The policy version that it was judged by.
    pub policy: String,
    /// Whether anything about the person could shape it.
    pub personalised: bool,
    /// Best first.
    pub ads: Vec<SoldAd>,
}

/// An ad whose price is held.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct SoldAd {
    /// The ad.
    pub ad: String,
    /// Its campaign.
    pub campaign: String,
    /// Who pays.
    pub advertiser: String,
    /// The headline.
    pub title: String,
    /// The words.
    pub body: String,
    /// Where a click leads.
    pub url: String,
    /// A picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// What its impression will cost.
    pub price_micros: i64,
    /// To be used once each.
    pub tokens: TokenPair,
    /// Why.
    pub reasons: Vec<ReasonAnswer>,
}

/// The tokens of one ad.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct TokenPair {
    /// Bills the impression.
    pub impression: String,
    /// Counts the click.
    pub click: String,
}

/// An ad that was won and whose price is held under a nonce.
struct Sold {
    winner: Winner,
    nonce: [u8; 16],
}

/// What came of the auctions of one request.
#[derive(Default)]
struct Sales {
    sold: Vec<Sold>,
    lost: Vec<(Name, String)>,
    considered: usize,
}

impl App {
    /// Which ads, if any, this person should see now.
    ///
    /// # Errors
    /// `unknown-person`, `unknown-item`, a field that is wrong, or a fault of the store.
    pub fn ads(&self, wanted: &AdsRequest, call: &Call) -> Result<AdsAnswer, Problem> {
        let policy = self.policies.for_call(call)?;
        let product = name("product", &wanted.product)?;
        let places = limit(wanted.limit, self.config.ads.default_limit, self.config.ads.max_limit)?;
        let seed = call.seed()?;
        let (who, ready) = self.person(&wanted.person, policy)?;
        let view: View<'_, Ads> =
            Gate::new(policy.as_ref()).view(&ready.profile, &ready.person, &asking(&product, call));
        let catalog = self.items.snapshot();
        let beside = match wanted.context.as_ref().and_then(|context| context.item.as_deref()) {
            Some(id) => Some(catalog.get(id).ok_or_else(Problem::unknown_item)?),
            None => None,
        };
        let beside = beside.map(|item| Beside {
            topics: &item.topics,
            sensitive: item.marks.sensitive,
            vector: item.vector.as_ref(),
        });
        let request =
            Request { product: &product, now: call.now, seed, limit: places, view: Some(&view), beside };
        let sales = self.sell(who, &request)?;

        let receipt = Receipt {
            at: call.now,
            purpose: Purpose::Ads,
            product: product.clone(),
            policy: policy.facts().version.clone(),
            seed,
            personalised: view.is_personal(),
            classes: class_uses(&view, policy.facts()),
            stages: stages(&sales),
            rows: sales.sold.iter().map(row).collect::<Result<_, _>>()?,
        };
        let others = others(who, &receipt.rows, &catalog, &view);
        let id = self.put_receipt(who, &StoredReceipt { receipt, lost: sales.lost, others })?;
        Ok(AdsAnswer {
            receipt: id,
            policy: policy.facts().version.clone(),
            personalised: view.is_personal(),
            ads: sales.sold.into_iter().map(|sold| self.answer(sold)).collect(),
        })
    }

    /// Holds auctions until every place is sold and held, or nobody is left. The ledger has the last word: whoever
    /// it refuses is left out of the next auction.
    fn sell(&self, who: Surrogate, request: &Request<'_>) -> Result<Sales, Problem> {
        let index = self.campaigns.index();
        let past = self.past(who, request.now)?;
        let mut sales = Sales::default();
        let mut out: HashSet<Name> = HashSet::new();
        for _ in 0..ROUNDS {
            let left = request.limit - sales.sold.len();
            if left == 0 {
                break;
            }
            let outcome = self.auction(&index, &Request { limit: left, ..*request }, &past, &out)?;
            sales.considered = sales.considered.max(outcome.considered);
            sales.lost = outcome
                .losers
                .iter()
                .map(|loser| (loser.listing.campaign.id.clone(), loser.stage.name().to_owned()))
                .collect();
            if outcome.winners.is_empty() {
                break;
            }
            out.extend(outcome.winners.iter().map(|w| w.listing.campaign.id.clone()));
            let wanted = outcome.winners.len();
            let held = self.reserve(who, request.now, outcome.winners)?;
            let refused = wanted - held.len();
            sales.sold.extend(held);
            if refused == 0 {
                break;
            }
        }
        Ok(sales)
    }

    fn auction(
        &self,
        index: &Snapshot,
        request: &Request<'_>,
        past: &[PastDecision],
        out: &HashSet<Name>,
    ) -> Result<Outcome, Problem> {
        let ledger = Ledger { store: self.store.as_ref(), now: request.now, out, known: RefCell::default() };
        Ok(run(index, request, past, &|campaign: &Campaign| ledger.left(campaign)))
    }

    fn past(&self, who: Surrogate, now: UnixMillis) -> Result<Vec<PastDecision>, Problem> {
        let rows = self.store.decisions(who, now.plus(-CAP_WINDOW - DAY))?;
        rows.into_iter()
            .map(|row| {
                Ok(PastDecision {
                    campaign: name("campaign", &row.campaign)?,
                    ad: name("ad", &row.ad)?,
                    at: row.at,
                    unexpired_or_billed: row.impression || row.expires >= now,
                })
            })
            .collect()
    }

    fn reserve(&self, who: Surrogate, now: UnixMillis, winners: Vec<Winner>) -> Result<Vec<Sold>, Problem> {
        let expires = now.plus(self.config.ads.decision_minutes.max(1) * HOUR / 60);
        let sold = winners
            .into_iter()
            .map(|winner| Ok(Sold { winner, nonce: random()? }))
            .collect::<Result<Vec<Sold>, Problem>>()?;
        let wants = sold.iter().map(|sold| reservation(sold, who, now, expires)).collect();
        let answers = self.store.reserve(wants)?;
        Ok(sold
            .into_iter()
            .zip(answers)
            .filter(|(_, a)| *a == Reserved::Held)
            .map(|(sold, _)| sold)
            .collect())
    }

    fn answer(&self, sold: Sold) -> SoldAd {
        let Sold { winner, nonce } = sold;
        let (campaign, ad) = (&winner.listing.campaign, winner.ad());
        SoldAd {
            ad: ad.id.as_str().to_owned(),
            campaign: campaign.id.as_str().to_owned(),
            advertiser: campaign.advertiser.as_str().to_owned(),
            title: ad.title.clone(),
            body: ad.body.clone(),
            url: ad.url.clone(),
            image: ad.image.clone(),
            price_micros: winner.price.0,
            tokens: TokenPair {
                impression: self.token(Kind::Impression, nonce),
                click: self.token(Kind::Click, nonce),
            },
            reasons: answer_reasons(&winner.contributions),
        }
    }
}

/// What campaigns have spent, read once a request; those that are out have nothing left.
struct Ledger<'a> {
    store: &'a dyn Store,
    now: UnixMillis,
    out: &'a HashSet<Name>,
    known: RefCell<HashMap<Name, Left>>,
}

impl Ledger<'_> {
    fn left(&self, campaign: &Campaign) -> Left {
        *self.known.borrow_mut().entry(campaign.id.clone()).or_insert_with(|| self.read(campaign))
    }

    /// A ledger that can't be read sells nothing.
    fn read(&self, campaign: &Campaign) -> Left {
        let nothing = Left { spent: campaign.budget, ..Left::default() };
        if self.out.contains(&campaign.id) {
            return nothing;
        }
        match self.store.totals(campaign.id.as_str(), self.now) {
            Ok(Some(totals)) => Left {
                spent: Micros(totals.spent_micros + totals.reserved_micros),
                spent_today: Micros(totals.spent_today_micros + totals.reserved_today_micros),
                account: None,
            },
            Ok(None) => nothing,
            Err(error) => {
                tracing::error!(%error, "the ledger can't be read");
                nothing
            }
        }
    }
}

fn reservation(sold: &Sold, who: Surrogate, at: UnixMillis, expires: UnixMillis) -> Reservation {
    Reservation {
        nonce: sold.nonce,
        campaign: sold.winner.listing.campaign.id.as_str().to_owned(),
        ad: sold.winner.ad().id.as_str().to_owned(),
        person: Some(who),
        price_micros: sold.winner.price.0.max(1),
        at,
        expires,
    }
}

fn stages(sales: &Sales) -> Vec<StageCount> {
    let count = |stage: &str, count: usize| StageCount { stage: stage.to_owned(), count: count as u32 };
    vec![count("match:campaigns", sales.considered), count("selector:auction", sales.sold.len())]
}

fn row(sold: &Sold) -> Result<Row, Problem> {
    let Sold { winner, .. } = sold;
    let key = ad_key(winner.listing.campaign.id.as_str(), winner.ad().id.as_str());
    Ok(Row {
        // Two ids of full length do not fit one name; the ad's own is then enough beside the campaign's.
        id: Name::new(&key).unwrap_or_else(|_| winner.ad().id.clone()),
        score: winner.score,
        price_micros: Some(winner.price.0),
        contributions: winner.contributions.clone(),
        moved: None,
    })
}
