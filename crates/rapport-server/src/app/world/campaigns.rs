//! The campaigns in memory, kept in step with the store.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use rapport_core::auction::{AdFacts, Listing, Snapshot, ad_key};
use rapport_store::Store;

use crate::app::Problem;

/// The campaigns: readers take the index of the moment, writers publish the next one.
pub struct Campaigns {
    index: ArcSwap<Snapshot>,
    ads: ArcSwap<HashMap<String, Arc<Listing>>>,
    writing: Mutex<()>,
}

impl Campaigns {
    /// Reads every campaign from the store.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn read(store: &dyn Store) -> Result<Self, Problem> {
        let mut listings = Vec::new();
        let mut unreadable = 0usize;
        store.campaigns(&mut |stored| match serde_json::from_slice::<Listing>(&stored.payload) {
            Ok(listing) => listings.push(Arc::new(listing)),
            Err(_) => unreadable += 1,
        })?;
        if unreadable > 0 {
            tracing::error!(count = unreadable, "stored campaigns do not read; put them again");
        }
        listings.sort_by(|a, b| a.campaign.id.cmp(&b.campaign.id));
        let mut ads = HashMap::new();
        listings.iter().for_each(|listing| name_ads(&mut ads, listing));
        Ok(Self {
            index: ArcSwap::from_pointee(Snapshot::new(listings)),
            ads: ArcSwap::from_pointee(ads),
            writing: Mutex::default(),
        })
    }

    /// The index as of now.
    pub fn index(&self) -> Arc<Snapshot> {
        self.index.load_full()
    }

    /// What the ad called `campaign/ad` is about, and its full name; an ad's own id will do while it is the only one.
    pub fn ad(&self, name: &str) -> Option<(String, AdFacts)> {
        let ads = self.ads.load();
        let listing = ads.get(name)?;
        let campaign = listing.campaign.id.as_str();
        let at = listing
            .campaign
            .ads
            .iter()
            .position(|ad| ad.id.as_str() == name || ad_key(campaign, ad.id.as_str()) == name)?;
        let facts = listing.facts.get(at).cloned().unwrap_or_default();
        Some((ad_key(campaign, listing.campaign.ads[at].id.as_str()), facts))
    }

    /// Publishes a campaign that is already in the store.
    pub fn publish(&self, listing: Listing) {
        let listing = Arc::new(listing);
        let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        self.index.store(Arc::new(self.index.load().with(Arc::clone(&listing))));
        let mut ads = (**self.ads.load()).clone();
        ads.retain(|_, known| known.campaign.id != listing.campaign.id);
        name_ads(&mut ads, &listing);
        self.ads.store(Arc::new(ads));
    }
}

fn name_ads(ads: &mut HashMap<String, Arc<Listing>>, listing: &Arc<Listing>) {
    for ad in &listing.campaign.ads {
        ads.insert(ad_key(listing.campaign.id.as_str(), ad.id.as_str()), Arc::clone(listing));
        ads.entry(ad.id.as_str().to_owned()).or_insert_with(|| Arc::clone(listing));
    }
}
