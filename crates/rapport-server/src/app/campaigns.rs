//! `PUT` and `GET /campaigns/{id}`.

use rapport_core::auction::{AdFacts, Campaign, Listing};
use rapport_core::understanding::Understanding;
use serde_json::Value;

use crate::app::record::marks;
use crate::app::{App, Call, Problem};

impl App {
    /// Adds a campaign or replaces the one of that id, whose counts stay.
    ///
    /// # Errors
    /// The first field that is missing or wrong, targeting that nobody may ask for, or a fault of the store.
    pub fn put_campaign(&self, id: &str, body: &Value) -> Result<(), Problem> {
        let refuse = |error: rapport_core::auction::CampaignError| {
            Problem::new("invalid-campaign", "the campaign is refused", 400, error.to_string())
        };
        let campaign = Campaign::parse(id, body).map_err(refuse)?;
        let facts = self.ad_facts(&campaign);
        // Not `Listing::new`, which refuses a sensitive ad with personal targeting: the contract accepts and marks it,
        // and the auction shows such an ad to nobody.
        let listing = Listing { campaign, facts };
        self.store.put_campaign(&rapport_store::Campaign {
            id: listing.campaign.id.as_str().to_owned(),
            advertiser: listing.campaign.advertiser.as_str().to_owned(),
            payload: serde_json::to_vec(&listing).map_err(|_| Problem::internal())?,
            budget_micros: listing.campaign.budget.0,
            daily_budget_micros: listing.campaign.daily_budget.map(|micros| micros.0),
        })?;
        self.campaigns.publish(listing);
        Ok(())
    }

    /// The campaign and what it has come to.
    ///
    /// # Errors
    /// `unknown-campaign` if there is none.
    pub fn get_campaign(&self, id: &str, call: &Call) -> Result<Value, Problem> {
        let unknown = || {
            let detail = "no campaign by that id; `PUT /v1/campaigns/{id}` adds it";
            Problem::new("unknown-campaign", "no campaign by that id", 404, detail)
        };
        let index = self.campaigns.index();
        let listing = index.get(id).ok_or_else(unknown)?;
        let totals = self.store.totals(id, call.now)?.ok_or_else(unknown)?;
        let mut answer = listing.campaign.to_json();
        answer["spent_micros"] = totals.spent_micros.into();
        answer["reserved_micros"] = totals.reserved_micros.into();
        answer["impressions"] = totals.impressions.into();
        answer["clicks"] = totals.clicks.into();
        answer["sensitive_ads"] = sensitive_ads(listing).into();
        answer["warnings"] = warnings(listing).into();
        Ok(answer)
    }

    fn ad_facts(&self, campaign: &Campaign) -> Vec<AdFacts> {
        let words: Vec<String> = campaign.ads.iter().map(|ad| format!("{}. {}", ad.title, ad.body)).collect();
        let texts: Vec<&str> = words.iter().map(String::as_str).collect();
        self.words.study(&texts).iter().map(|meaning| facts(meaning.as_ref())).collect()
    }
}

fn sensitive_ads(listing: &Listing) -> Vec<&str> {
    let ads = listing.campaign.ads.iter().zip(&listing.facts);
    ads.filter(|(_, facts)| !facts.sensitive.is_empty()).map(|(ad, _)| ad.id.as_str()).collect()
}

/// Why an ad of it will never be shown as it is.
fn warnings(listing: &Listing) -> Vec<&'static str> {
    if sensitive_ads(listing).is_empty() || listing.campaign.targeting.is_impersonal() {
        return Vec::new();
    }
    vec![
        "a sensitive ad is chosen by what it is shown beside, never by a person: it is not shown while `targeting` \
         reads more than country, language and product",
    ]
}

/// What could not be judged might be anything, so it counts as sensitive in every way: by context only.
fn facts(meaning: Option<&Understanding>) -> AdFacts {
    let Some(meaning) = meaning else {
        return AdFacts { sensitive: rapport_core::topic::Categories::ALL, ..AdFacts::default() };
    };
    AdFacts {
        topics: meaning.topics.clone(),
        sensitive: marks(meaning).sensitive,
        vector: meaning.vector.clone(),
        language: Some(meaning.language.to_owned()).filter(|code| code != "und"),
    }
}
