//! Purposes: what a signal may be used for.

/// A use of data, as the policy names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Purpose {
    /// Ranking the person's feed.
    Feed,
    /// Choosing ads in the house's own products.
    Ads,
    /// Choosing ads elsewhere.
    AdsOffsite,
    /// Personalising the assistant.
    Assistant,
    /// Counting and reporting.
    Measurement,
    /// Research.
    Research,
    /// Keeping people safe.
    Safety,
    /// Training models.
    AiTraining,
    /// Handing data to partners.
    PartnerShare,
    /// Answering a lawful request.
    LegalRequest,
    /// Improving the product.
    ProductImprovement,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Feed,
        Self::Ads,
        Self::AdsOffsite,
        Self::Assistant,
        Self::Measurement,
        Self::Research,
        Self::Safety,
        Self::AiTraining,
        Self::PartnerShare,
        Self::LegalRequest,
        Self::ProductImprovement,
    ];

    /// The contract's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Feed => "feed",
            Self::Ads => "ads",
            Self::AdsOffsite => "ads_offsite",
            Self::Assistant => "assistant",
            Self::Measurement => "measurement",
            Self::Research => "research",
            Self::Safety => "safety",
            Self::AiTraining => "ai_training",
            Self::PartnerShare => "partner_share",
            Self::LegalRequest => "legal_request",
            Self::ProductImprovement => "product_improvement",
        }
    }

    /// The purpose of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.name() == name)
    }
}

/// A purpose as a type, so that a ranker that wants more than its view does not compile.
pub trait PurposeTag {
    /// The purpose.
    const PURPOSE: Purpose;
}

/// Ranking the feed.
#[derive(Debug)]
pub enum Feed {}

/// Choosing ads.
#[derive(Debug)]
pub enum Ads {}

impl PurposeTag for Feed {
    const PURPOSE: Purpose = Purpose::Feed;
}

impl PurposeTag for Ads {
    const PURPOSE: Purpose = Purpose::Ads;
}
