//! Countries, as ISO 3166-1 alpha-2 codes.

use std::fmt;

/// A country, or the honest absence of one: missing, empty and unknown all fail closed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Country([u8; 2]);

/// All officially assigned codes.
const ASSIGNED: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR \
BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI \
FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS \
IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO \
MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA \
RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT \
TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

impl Country {
    /// Nowhere that Rapport knows.
    pub const UNKNOWN: Self = Self(*b"--");

    /// The country of an assigned code, in any case; anything else is [`Country::UNKNOWN`].
    pub fn from_code(code: &str) -> Self {
        let upper = code.trim().to_ascii_uppercase();
        match <[u8; 2]>::try_from(upper.as_bytes()) {
            Ok(bytes) if ASSIGNED.split(' ').any(|known| known.as_bytes() == bytes) => Self(bytes),
            _ => Self::UNKNOWN,
        }
    }

    /// The code, or `"--"` when unknown.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("--")
    }

    /// Ten bits, one to one: five a letter, counted from 1; 0 when unknown.
    pub fn bits(self) -> u16 {
        let [first, second] = self.0.map(|byte| u16::from(byte.saturating_sub(b'@') & 0x1f));
        first << 5 | second
    }

    /// Whether this is no known country.
    pub fn is_unknown(self) -> bool {
        self == Self::UNKNOWN
    }
}

impl Default for Country {
    fn default() -> Self {
        Self::UNKNOWN
    }
}

impl From<String> for Country {
    fn from(code: String) -> Self {
        Self::from_code(&code)
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.code().to_owned()
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_codes_fail_closed() {
        for code in ["", "XX", "U", "USA", "12", "日本"] {
            assert!(Country::from_code(code).is_unknown(), "{code}");
        }
        assert_eq!(Country::from_code("us").code(), "US");
    }
}
