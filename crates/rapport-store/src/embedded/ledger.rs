//! The ledger as tables. Each pot (campaign, its day, its account) keeps its sums in a row of its own,
//! changed in the transaction that changes the decision; none is ever counted up from decisions.

use rapport_core::ids::Surrogate;
use rapport_core::time::UnixMillis;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::Inner;
use crate::seal::Kind;
use crate::{Campaign, PastDecision, Reservation, Reserved, Settle, Settled, StoreError, Totals, wire};

const HELD: i64 = 0;
const RELEASED: i64 = 1;
const BILLED: i64 = 2;

pub fn put_campaign(inner: &Inner, db: &Connection, campaign: &Campaign) -> Result<(), StoreError> {
    let account = account(inner, db, &campaign.advertiser)?;
    let texts = [campaign.id.as_str(), campaign.advertiser.as_str()];
    db.prepare_cached(
        "INSERT INTO campaign (key, name, account, payload, budget, daily) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (key) DO UPDATE SET account = excluded.account, payload = excluded.payload,
             budget = excluded.budget, daily = excluded.daily",
    )?
    .execute(params![
        inner.hash(&campaign.id),
        inner.house.seal(Kind::Account, campaign.id.as_bytes())?,
        account,
        inner.house.seal(Kind::Campaign, &wire::frame(&texts, &campaign.payload))?,
        campaign.budget_micros,
        campaign.daily_budget_micros,
    ])?;
    Ok(())
}

pub fn put_account(
    inner: &Inner,
    db: &Connection,
    advertiser: &str,
    budget: Option<i64>,
) -> Result<(), StoreError> {
    let account = account(inner, db, advertiser)?;
    db.prepare_cached("UPDATE account SET budget = ?2 WHERE num = ?1")?.execute(params![account, budget])?;
    Ok(())
}

/// The number of an advertiser's account, opened if there is none yet.
fn account(inner: &Inner, db: &Connection, advertiser: &str) -> Result<i64, StoreError> {
    let key = inner.hash(advertiser);
    let known = db
        .prepare_cached("SELECT num FROM account WHERE key = ?1")?
        .query_row(params![key], |row| row.get(0))
        .optional()?;
    if let Some(account) = known {
        return Ok(account);
    }
    db.prepare_cached("INSERT INTO account (key, name) VALUES (?1, ?2)")?
        .execute(params![key, inner.house.seal(Kind::Account, advertiser.as_bytes())?])?;
    Ok(db.last_insert_rowid())
}

pub fn campaigns(inner: &Inner, db: &Connection) -> Result<Vec<Campaign>, StoreError> {
    let mut statement = db.prepare_cached("SELECT payload, budget, daily FROM campaign")?;
    let mut rows = statement.query([])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        let plain = inner.house.open(Kind::Campaign, &row.get::<_, Vec<u8>>(0)?)?;
        let ([id, advertiser], payload) =
            wire::unframe::<2>(&plain).ok_or(StoreError::Unreadable("campaign"))?;
        out.push(Campaign {
            id: id.to_owned(),
            advertiser: advertiser.to_owned(),
            payload: payload.to_vec(),
            budget_micros: row.get(1)?,
            daily_budget_micros: row.get(2)?,
        });
    }
    Ok(out)
}

/// The three pots that a reservation draws on, as the database has them now.
struct Pots {
    campaign: i64,
    account: i64,
    day: i64,
    /// Limit, spent and reserved: of the campaign's life, of the day, of the account.
    state: [(Option<i64>, i64, i64); 3],
}

impl Pots {
    fn read(db: &Connection, campaign: i64, account: i64, day: i64) -> Result<Self, StoreError> {
        let pot = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let life = db
            .prepare_cached("SELECT budget, spent, reserved, daily FROM campaign WHERE num = ?1")?
            .query_row(params![campaign], |row| Ok((pot(row)?, row.get::<_, Option<i64>>(3)?)))?;
        let today = db
            .prepare_cached("SELECT spent, reserved FROM day WHERE campaign = ?1 AND day = ?2")?
            .query_row(params![campaign, day], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?
            .unwrap_or((0, 0));
        let purse = db
            .prepare_cached("SELECT budget, spent, reserved FROM account WHERE num = ?1")?
            .query_row(params![account], pot)?;
        Ok(Self { campaign, account, day, state: [life.0, (life.1, today.0, today.1), purse] })
    }

    /// The first pot without room for `price`; `free` is what of it is reserved already.
    fn full(&self, price: i64, free: bool) -> Option<usize> {
        self.state.iter().position(|(limit, spent, reserved)| {
            // What was held may take its own place even where others' holds have outgrown a lowered budget.
            let taken = if free { *spent } else { spent.saturating_add(*reserved) };
            limit.is_some_and(|limit| taken.saturating_add(price) > limit)
        })
    }

    /// Moves `spent` and `reserved` of all three pots by these amounts.
    fn book(&self, db: &Connection, spent: i64, reserved: i64) -> Result<(), StoreError> {
        db.prepare_cached("UPDATE campaign SET spent = spent + ?2, reserved = reserved + ?3 WHERE num = ?1")?
            .execute(params![self.campaign, spent, reserved])?;
        db.prepare_cached("UPDATE account SET spent = spent + ?2, reserved = reserved + ?3 WHERE num = ?1")?
            .execute(params![self.account, spent, reserved])?;
        db.prepare_cached(
            "INSERT INTO day VALUES (?1, ?2, ?3, ?4) ON CONFLICT (campaign, day)
             DO UPDATE SET spent = spent + ?3, reserved = reserved + ?4",
        )?
        .execute(params![self.campaign, self.day, spent, reserved])?;
        Ok(())
    }
}

/// A reservation with what is personal about it sealed.
pub struct Want {
    pub reservation: Reservation,
    pub ad: Vec<u8>,
}

pub fn reserve(inner: &Inner, db: &Connection, wants: &[Want]) -> Result<Vec<Reserved>, StoreError> {
    wants.iter().map(|want| reserve_one(inner, db, want)).collect()
}

fn reserve_one(inner: &Inner, db: &Connection, want: &Want) -> Result<Reserved, StoreError> {
    let Want { reservation, ad } = want;
    if reservation.person.is_some_and(|person| !inner.vault.knows(person)) {
        return Err(StoreError::UnknownPerson);
    }
    if decision(db, reservation.nonce)?.is_some() {
        return Err(StoreError::Taken("a nonce"));
    }
    let campaign: Option<(i64, i64)> = db
        .prepare_cached("SELECT num, account FROM campaign WHERE key = ?1")?
        .query_row(params![inner.hash(&reservation.campaign)], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((campaign, account)) = campaign else { return Ok(Reserved::UnknownCampaign) };
    release_expired(db, campaign, account, reservation.at)?;
    let pots = Pots::read(db, campaign, account, reservation.at.day())?;
    match pots.full(reservation.price_micros, false) {
        Some(0) => return Ok(Reserved::BudgetSpent),
        Some(1) => return Ok(Reserved::DailySpent),
        Some(_) => return Ok(Reserved::AccountSpent),
        None => (),
    }
    db.prepare_cached(
        "INSERT INTO decision (nonce, campaign, account, person, ad, price, day, at, expires)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        reservation.nonce,
        campaign,
        account,
        reservation.person.map(|person| person.0),
        ad,
        reservation.price_micros,
        reservation.at.day(),
        reservation.at.0,
        reservation.expires.0,
    ])?;
    pots.book(db, 0, reservation.price_micros)?;
    Ok(Reserved::Held)
}

fn release_expired(db: &Connection, campaign: i64, account: i64, now: UnixMillis) -> Result<(), StoreError> {
    let expired: Vec<Decision> = {
        let mut statement = db.prepare_cached(&format!(
            "{DECISION} WHERE state = 0 AND campaign = ?1 AND expires < ?3
             UNION {DECISION} WHERE state = 0 AND account = ?2 AND expires < ?3"
        ))?;
        let rows = statement.query_map(params![campaign, account, now.0], Decision::read)?;
        rows.collect::<Result<_, _>>()?
    };
    expired.iter().try_for_each(|decision| decision.release(db))
}

const DECISION: &str = "SELECT num, campaign, account, price, day, expires, state, clicked FROM decision";

/// A decision, as far as money is concerned.
struct Decision {
    num: i64,
    campaign: i64,
    account: i64,
    price: i64,
    day: i64,
    expires: i64,
    state: i64,
    clicked: bool,
}

fn decision(db: &Connection, nonce: [u8; 16]) -> Result<Option<Decision>, StoreError> {
    let mut statement = db.prepare_cached(&format!("{DECISION} WHERE nonce = ?1"))?;
    Ok(statement.query_row(params![nonce], Decision::read).optional()?)
}

impl Decision {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            num: row.get(0)?,
            campaign: row.get(1)?,
            account: row.get(2)?,
            price: row.get(3)?,
            day: row.get(4)?,
            expires: row.get(5)?,
            state: row.get(6)?,
            clicked: row.get(7)?,
        })
    }

    fn pots(&self, db: &Connection) -> Result<Pots, StoreError> {
        Pots::read(db, self.campaign, self.account, self.day)
    }

    fn set_state(&self, db: &Connection, state: i64) -> Result<(), StoreError> {
        db.prepare_cached("UPDATE decision SET state = ?2 WHERE num = ?1")?
            .execute(params![self.num, state])?;
        Ok(())
    }

    /// Gives back what is held, if it still is.
    fn release(&self, db: &Connection) -> Result<(), StoreError> {
        if self.state != HELD {
            return Ok(());
        }
        self.set_state(db, RELEASED)?;
        self.pots(db)?.book(db, 0, -self.price)
    }

    fn bill(&self, db: &Connection, now: UnixMillis) -> Result<Settled, StoreError> {
        if self.state == BILLED {
            return Ok(Settled::AlreadyUsed);
        }
        if now.0 > self.expires {
            self.release(db)?;
            return Ok(Settled::Expired);
        }
        let held = self.state == HELD;
        let pots = self.pots(db)?;
        if pots.full(self.price, held).is_some() {
            self.release(db)?;
            return Ok(if held { Settled::Withdrawn } else { Settled::Expired });
        }
        self.set_state(db, BILLED)?;
        pots.book(db, self.price, if held { -self.price } else { 0 })?;
        db.prepare_cached("UPDATE campaign SET impressions = impressions + 1 WHERE num = ?1")?
            .execute(params![self.campaign])?;
        Ok(Settled::Billed)
    }

    fn click(&self, db: &Connection, now: UnixMillis) -> Result<Settled, StoreError> {
        if self.clicked {
            return Ok(Settled::AlreadyUsed);
        }
        if self.state != BILLED && now.0 > self.expires {
            return Ok(Settled::Expired);
        }
        db.prepare_cached("UPDATE decision SET clicked = 1 WHERE num = ?1")?.execute(params![self.num])?;
        db.prepare_cached("UPDATE campaign SET clicks = clicks + 1 WHERE num = ?1")?
            .execute(params![self.campaign])?;
        Ok(Settled::Counted)
    }
}

pub fn settle(
    db: &Connection,
    nonce: [u8; 16],
    what: Settle,
    now: UnixMillis,
) -> Result<Settled, StoreError> {
    match (decision(db, nonce)?, what) {
        (None, _) => Ok(Settled::Unknown),
        (Some(decision), Settle::Impression) => decision.bill(db, now),
        (Some(decision), Settle::Click) => decision.click(db, now),
    }
}

// Sums of holds that expired but were not released yet are left out at the moment of reading.
const TOTALS: &str = "
SELECT name, spent, impressions, clicks,
    (SELECT coalesce(sum(price), 0) FROM decision
        WHERE campaign = campaign.num AND state = 0 AND expires >= ?1),
    (SELECT coalesce(sum(spent), 0) FROM day WHERE campaign = campaign.num AND day = ?2),
    (SELECT coalesce(sum(price), 0) FROM decision
        WHERE campaign = campaign.num AND state = 0 AND expires >= ?1 AND day = ?2)
FROM campaign";

fn read_totals(row: &Row<'_>) -> rusqlite::Result<Totals> {
    let count = |index| row.get::<_, i64>(index).map(|count| count as u64);
    Ok(Totals {
        spent_micros: row.get(1)?,
        impressions: count(2)?,
        clicks: count(3)?,
        reserved_micros: row.get(4)?,
        spent_today_micros: row.get(5)?,
        reserved_today_micros: row.get(6)?,
    })
}

pub fn totals(
    inner: &Inner,
    db: &Connection,
    campaign: &str,
    now: UnixMillis,
) -> Result<Option<Totals>, StoreError> {
    let mut statement = db.prepare_cached(&format!("{TOTALS} WHERE key = ?3"))?;
    let key = inner.hash(campaign);
    Ok(statement.query_row(params![now.0, now.day(), key], read_totals).optional()?)
}

pub fn all_totals(
    inner: &Inner,
    db: &Connection,
    now: UnixMillis,
) -> Result<Vec<(String, Totals)>, StoreError> {
    let mut statement = db.prepare_cached(TOTALS)?;
    let mut rows = statement.query(params![now.0, now.day()])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        out.push((name(inner, &row.get::<_, Vec<u8>>(0)?)?, read_totals(row)?));
    }
    Ok(out)
}

fn name(inner: &Inner, sealed: &[u8]) -> Result<String, StoreError> {
    let plain = inner.house.open(Kind::Account, sealed)?;
    String::from_utf8(plain).map_err(|_| StoreError::Unreadable("account"))
}

pub fn decisions(
    inner: &Inner,
    db: &Connection,
    person: Surrogate,
    since: UnixMillis,
) -> Result<Vec<PastDecision>, StoreError> {
    let Some(entry) = inner.vault.by_surrogate(person) else { return Ok(Vec::new()) };
    let mut statement = db.prepare_cached(
        "SELECT campaign.name, account.name, ad, at, expires, state, clicked FROM decision
         JOIN campaign ON campaign.num = decision.campaign JOIN account ON account.num = decision.account
         WHERE person = ?1 AND at >= ?2 ORDER BY at, decision.num",
    )?;
    let mut rows = statement.query(params![person.0, since.0])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        let ad = entry.key.open(Kind::Decision, &row.get::<_, Vec<u8>>(2)?)?;
        out.push(PastDecision {
            campaign: name(inner, &row.get::<_, Vec<u8>>(0)?)?,
            advertiser: name(inner, &row.get::<_, Vec<u8>>(1)?)?,
            ad: String::from_utf8(ad).map_err(|_| StoreError::Unreadable("ad decision"))?,
            at: UnixMillis(row.get(3)?),
            expires: UnixMillis(row.get(4)?),
            impression: row.get::<_, i64>(5)? == BILLED,
            clicked: row.get(6)?,
        });
    }
    Ok(out)
}

pub fn prune(db: &Connection, before: UnixMillis) -> Result<u64, StoreError> {
    let held: Vec<Decision> = {
        let mut statement = db.prepare_cached(&format!("{DECISION} WHERE state = 0 AND expires < ?1"))?;
        let rows = statement.query_map(params![before.0], Decision::read)?;
        rows.collect::<Result<_, _>>()?
    };
    held.iter().try_for_each(|decision| decision.release(db))?;
    let gone = db.prepare_cached("DELETE FROM decision WHERE expires < ?1")?.execute(params![before.0])?;
    Ok(gone as u64)
}
