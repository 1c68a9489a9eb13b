//! What the server answers when it cannot do as asked: RFC 9457 problem documents.

use rapport_store::StoreError;

/// A problem document. `type` is a stable slug that programs may match on; `detail` says what to do.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// A stable slug, for example `unknown-person`.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    pub slug: &'static str,
    /// The same in a few words.
    #[schema(value_type = String)]
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong with this request, and what to do. Never personal data.
    pub detail: String,
}

impl Problem {
    /// A problem of one kind.
    pub fn new(slug: &'static str, title: &'static str, status: u16, detail: impl Into<String>) -> Self {
        Self { slug, title, status, detail: detail.into() }
    }

    /// The request says something that it should not.
    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new("invalid-field", "a field is missing or wrong", 400, detail)
    }

    /// Nobody by that id.
    pub fn unknown_person() -> Self {
        let detail = "`person` is not registered; `PUT /v1/people/{id}` registers them";
        Self::new("unknown-person", "nobody by that id", 404, detail)
    }

    /// No item by that id.
    pub fn unknown_item() -> Self {
        let detail = "`item` is not in the catalogue; `PUT /v1/items/{id}` adds it";
        Self::new("unknown-item", "no item by that id", 404, detail)
    }

    /// No ad by that id.
    pub fn unknown_ad() -> Self {
        let detail = "`ad` is none of a known campaign; say `campaign/ad`, after `PUT /v1/campaigns/{id}`";
        Self::new("unknown-ad", "no ad by that id", 404, detail)
    }

    /// Nothing there.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new("not-found", "nothing here", 404, detail)
    }

    /// A fault of the server's own; its cause is in the log only.
    pub fn internal() -> Self {
        let detail = "the server could not do this; its log says why, and the request may be sent again";
        Self::new("internal", "the server failed", 500, detail)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            // Erased between the look-up and the write: the same as never having been there.
            StoreError::UnknownPerson => Self::unknown_person(),
            StoreError::Closed => Self::new(
                "stopping",
                "the server is stopping",
                503,
                "the server is stopping; send the request again in a moment",
            ),
            error => {
                tracing::error!(%error, "the store failed");
                Self::internal()
            }
        }
    }
}
