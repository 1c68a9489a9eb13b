//! Second price: the least that would have kept the place.

use crate::auction::Micros;

/// A bid and what else speaks for its ad, in micro-nats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    pub bid: Micros,
    pub quality: i64,
}

/// What `own` pays for its place above `next`: the bid at which both scores are equal, rounded up, at least
/// `reserve` and one micro, at most its own bid. With equal quality that is the next bid exactly, by integers alone.
/// (Generalised second price: Edelman, Ostrovsky, Schwarz 2007; weighted by quality: Varian 2007.)
pub(super) fn clearing(own: Standing, reserve: Micros, next: Option<Standing>) -> Micros {
    let least = reserve.0.max(1);
    let keeps = next.map_or(least, |next| match next.quality - own.quality {
        0 => next.bid.0,
        better => (next.bid.0 as f64 * (better as f64 / 1e6).exp()).ceil() as i64,
    });
    Micros(keeps.max(least).min(own.bid.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(bid: i64, quality: i64) -> Standing {
        Standing { bid: Micros(bid), quality }
    }

    #[test]
    fn equal_quality_pays_the_next_bid_and_the_only_bidder_its_reserve() {
        assert_eq!(clearing(at(9_000, 7), Micros(0), Some(at(4_321, 7))), Micros(4_321));
        assert_eq!(clearing(at(9_000, 7), Micros(5_000), Some(at(4_321, 7))), Micros(5_000));
        assert_eq!(clearing(at(9_000, 0), Micros(0), None), Micros(1));
        assert_eq!(clearing(at(9_000, 0), Micros(250), None), Micros(250));
    }

    #[test]
    fn who_fits_better_by_a_factor_of_e_pays_less_by_it() {
        assert_eq!(clearing(at(2_000, 1_000_000), Micros(0), Some(at(1_000, 0))), Micros(368));
    }

    proptest! {
        #[test]
        fn a_price_lies_between_the_reserve_and_the_bid(
            bid in 1i64..1_000_000_000_000, reserve in 0i64..1_000_000_000_000,
            quality in -4_000_000i64..4_000_000,
            next in prop::option::of((1i64..1_000_000_000_000, -4_000_000i64..4_000_000)),
        ) {
            let reserve = reserve.min(bid);
            let price = clearing(at(bid, quality), Micros(reserve), next.map(|(b, q)| at(b, q)));
            prop_assert!((reserve.max(1)..=bid).contains(&price.0));
        }
    }
}
