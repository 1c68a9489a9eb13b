//! Campaigns, ads and their tokens.

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use crate::app::{AdsAnswer, AdsRequest, Counted, Problem};
use crate::http::Web;
use crate::http::answer::{Answer, blocking};
use crate::http::body::Body;
use crate::http::call::Told;

/// A campaign.
#[derive(utoipa::ToSchema)]
#[allow(
    dead_code,
    reason = "documents a body that the core reads field by field, to name the one that is wrong"
)]
pub(super) struct CampaignBody {
    /// Who pays.
    advertiser: String,
    /// `active`, `paused` or `ended`.
    status: String,
    /// RFC 3339.
    start: String,
    /// RFC 3339.
    end: String,
    /// For the campaign's life.
    budget_micros: i64,
    /// For one day in UTC.
    daily_budget_micros: Option<i64>,
    /// ISO 4217.
    currency: String,
    /// For one impression.
    bid_micros: i64,
    /// `asap` or `even`.
    pacing: Option<String>,
    /// The least that one impression costs.
    reserve_micros: Option<i64>,
    /// For example `country in ["US","CA"] and topics has "483"`; empty is everybody.
    targeting: Option<String>,
    /// How often one person may see it.
    frequency_cap: Option<CapBody>,
    /// At least one.
    ads: Vec<AdBody>,
    /// The advertiser's own word for what it sells.
    category: Option<String>,
}

/// A frequency cap.
#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "documents a part of `CampaignBody`")]
pub(super) struct CapBody {
    /// At most so many …
    impressions: u32,
    /// … in any so many hours.
    per_hours: u32,
}

/// An ad.
#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "documents a part of `CampaignBody`")]
pub(super) struct AdBody {
    /// Its own within the campaign.
    id: String,
    /// The headline.
    title: String,
    /// The words.
    body: String,
    /// Where a click leads.
    url: String,
    /// A picture's address.
    image: Option<String>,
}

/// Adds a campaign or replaces the one of that id, whose counts stay.
#[utoipa::path(
    put,
    path = "/v1/campaigns/{id}",
    tag = "ads",
    params(("id" = String, Path, description = "The campaign")),
    request_body = CampaignBody,
    responses(
        (status = 200, body = Object),
        (status = 400, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn put_campaign(
    State(web): State<Web>,
    Told(call): Told,
    Path(id): Path<String>,
    Body(body): Body<Value>,
) -> Answer<Value> {
    let work = move |app: &crate::app::App| {
        app.put_campaign(&id, &body)?;
        app.get_campaign(&id, &call)
    };
    Ok(Json(blocking(web.app, work).await?))
}

/// A campaign, what it has spent and reserved, and its counts.
#[utoipa::path(
    get,
    path = "/v1/campaigns/{id}",
    tag = "ads",
    params(("id" = String, Path, description = "The campaign")),
    responses(
        (status = 200, body = Object),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn get_campaign(
    State(web): State<Web>,
    Told(call): Told,
    Path(id): Path<String>,
) -> Answer<Value> {
    Ok(Json(blocking(web.app, move |app| app.get_campaign(&id, &call)).await?))
}

/// Which ads, if any, this person should see now, and why. Their prices are held until the tokens expire.
#[utoipa::path(
    post,
    path = "/v1/ads",
    tag = "read",
    request_body = AdsRequest,
    responses(
        (status = 200, body = AdsAnswer),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn post(
    State(web): State<Web>,
    Told(call): Told,
    Body(wanted): Body<AdsRequest>,
) -> Answer<AdsAnswer> {
    let answer = blocking(web.app.clone(), move |app| app.ads(&wanted, &call)).await?;
    web.metrics.answer("ads", answer.personalised);
    Ok(Json(answer))
}

/// Bills an impression or counts a click, once.
#[utoipa::path(
    post,
    path = "/v1/ads/tokens/{token}",
    tag = "ads",
    params(("token" = String, Path, description = "As `POST /v1/ads` answered it")),
    responses(
        (status = 200, body = Counted),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn use_token(
    State(web): State<Web>,
    Told(call): Told,
    Path(token): Path<String>,
) -> Answer<Counted> {
    Ok(Json(blocking(web.app, move |app| app.use_token(&token, &call)).await?))
}

/// What was done to a thing of that id.
pub(super) fn done(id: &str) -> Value {
    json!({ "id": id })
}
