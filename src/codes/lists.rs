//! Code lists that fields refer to: countries, currencies, media types, package types.
//!
//! Sources: ISO 3166-1 and ISO 4217 as assigned in January 2026; UN/ECE Recommendation 21 with the package types
//! that GS1 added; AIDC media types, GS1 General Specifications section 3.8.

/// ISO 3166-1 numeric country codes.
#[rustfmt::skip]
const COUNTRIES: [u16; 249] = [
    4, 8, 10, 12, 16, 20, 24, 28, 31, 32, 36, 40, 44, 48, 50, 51, 52, 56, 60, 64, 68, 70, 72, 74, 76,
    84, 86, 90, 92, 96, 100, 104, 108, 112, 116, 120, 124, 132, 136, 140, 144, 148, 152, 156, 158, 162,
    166, 170, 174, 175, 178, 180, 184, 188, 191, 192, 196, 203, 204, 208, 212, 214, 218, 222, 226, 231,
    232, 233, 234, 238, 239, 242, 246, 248, 250, 254, 258, 260, 262, 266, 268, 270, 275, 276, 288, 292,
    296, 300, 304, 308, 312, 316, 320, 324, 328, 332, 334, 336, 340, 344, 348, 352, 356, 360, 364, 368,
    372, 376, 380, 384, 388, 392, 398, 400, 404, 408, 410, 414, 417, 418, 422, 426, 428, 430, 434, 438,
    440, 442, 446, 450, 454, 458, 462, 466, 470, 474, 478, 480, 484, 492, 496, 498, 499, 500, 504, 508,
    512, 516, 520, 524, 528, 531, 533, 534, 535, 540, 548, 554, 558, 562, 566, 570, 574, 578, 580, 581,
    583, 584, 585, 586, 591, 598, 600, 604, 608, 612, 616, 620, 624, 626, 630, 634, 638, 642, 643, 646,
    652, 654, 659, 660, 662, 663, 666, 670, 674, 678, 682, 686, 688, 690, 694, 702, 703, 704, 705, 706,
    710, 716, 724, 728, 729, 732, 740, 744, 748, 752, 756, 760, 762, 764, 768, 772, 776, 780, 784, 788,
    792, 795, 796, 798, 800, 804, 807, 818, 826, 831, 832, 833, 834, 840, 850, 854, 858, 860, 862, 876,
    882, 887, 894,
];

/// ISO 4217 numeric currency codes.
#[rustfmt::skip]
const CURRENCIES: [u16; 179] = [
    8, 12, 32, 36, 44, 48, 50, 51, 52, 60, 64, 68, 72, 84, 90, 96, 104, 108, 116, 124, 132, 136, 144,
    152, 156, 170, 174, 188, 192, 203, 208, 214, 222, 230, 232, 238, 242, 262, 270, 292, 320, 324, 328,
    332, 340, 344, 348, 352, 356, 360, 364, 368, 376, 388, 392, 396, 398, 400, 404, 408, 410, 414, 417,
    418, 422, 426, 430, 434, 446, 454, 458, 462, 480, 484, 496, 498, 504, 512, 516, 524, 532, 533, 548,
    554, 558, 566, 578, 586, 590, 598, 600, 604, 608, 634, 643, 646, 654, 682, 690, 702, 704, 706, 710,
    728, 748, 752, 756, 760, 764, 776, 780, 784, 788, 800, 807, 818, 826, 834, 840, 858, 860, 882, 886,
    901, 924, 925, 926, 927, 928, 929, 930, 933, 934, 936, 938, 940, 941, 943, 944, 946, 947, 948, 949,
    950, 951, 952, 953, 955, 956, 957, 958, 959, 960, 961, 962, 963, 964, 965, 967, 968, 969, 970, 971,
    972, 973, 975, 976, 977, 978, 979, 980, 981, 984, 985, 986, 990, 994, 997, 999,
];

/// ISO 3166-1 alpha-2 country codes: the first letter, and the second ones that follow it.
const COUNTRY_LETTERS: [(u8, &str); 25] = [
    (b'A', "DEFGILMOQRSTUWXZ"),
    (b'B', "ABDEFGHIJLMNOQRSTVWYZ"),
    (b'C', "ACDFGHIKLMNORUVWXYZ"),
    (b'D', "EJKMOZ"),
    (b'E', "CEGHRST"),
    (b'F', "IJKMOR"),
    (b'G', "ABDEFGHILMNPQRSTUWY"),
    (b'H', "KMNRTU"),
    (b'I', "DELMNOQRST"),
    (b'J', "EMOP"),
    (b'K', "EGHIMNPRWYZ"),
    (b'L', "ABCIKRSTUVY"),
    (b'M', "ACDEFGHKLMNOPQRSTUVWXYZ"),
    (b'N', "ACEFGILOPRUZ"),
    (b'O', "M"),
    (b'P', "AEFGHKLMNRSTWY"),
    (b'Q', "A"),
    (b'R', "EOSUW"),
    (b'S', "ABCDEGHIJKLMNORSTVXYZ"),
    (b'T', "CDFGHJKLMNORTVWZ"),
    (b'U', "AGMSYZ"),
    (b'V', "ACEGINU"),
    (b'W', "FS"),
    (b'Y', "ET"),
    (b'Z', "AMW"),
];

/// Package type codes, sorted.
const PACKAGE_TYPES: &str = "1A 1B 1D 1F 1G 1W 200 201 202 203 204 205 206 210 211 212 2C 3A 3H 43 44 4A 4B 4C 4D 4F 4G 4H 5H 5L \
     5M 6H 6P 7A 7B 8 8A 8B 8C 9 AA AB AC AD AF AG AH AI AJ AL AM AP APE AT AV B4 BB BC BD BE BF BG BGE \
     BH BI BJ BK BL BM BME BN BO BP BQ BR BRI BS BT BU BV BW BX BY BZ CA CB CBL CC CCE CD CE CF CG CH CI \
     CJ CK CL CM CN CO CP CQ CR CS CT CU CV CW CX CY CZ DA DB DC DG DH DI DJ DK DL DM DN DP DPE DR DS DT \
     DU DV DW DX DY E1 E2 E3 EC ED EE EF EG EH EI EN FB FC FD FE FI FL FO FOB FP FPE FR FT FW FX GB GI GL \
     GR GU GY GZ HA HB HC HG HN HR IA IB IC ID IE IF IG IH IK IL IN IZ JB JC JG JR JT JY KG KI LAB LE LG \
     LT LU LV LZ MA MB MC ME MPE MR MS MT MW MX NA NE NF NG NS NT NU NV OA OB OC OD OE OF OK OPE OT OU P2 \
     PA PAE PB PC PD PE PF PG PH PI PJ PK PL PLP PN PO POP PP PPE PR PT PU PUE PV PX PY PZ QA QB QC QD QF \
     QG QH QJ QK QL QM QN QP QQ QR QS RB1 RB2 RB3 RCB RD RG RJ RK RL RO RT RZ S1 SA SB SC SD SE SEC SH SI \
     SK SL SM SO SP SS ST STL SU SV SW SX SY SZ T1 TB TC TD TE TEV TG THE TI TK TL TN TO TR TRE TS TT TTE \
     TU TV TW TWE TY TZ UC UN UUE VA VG VI VK VL VN VO VP VQ VR VS VY WA WB WC WD WF WG WH WJ WK WL WM WN \
     WP WQ WR WRP WS WT WU WV WW WX WY WZ X11 X12 X15 X16 X17 X18 X19 X20 X3 XA XB XC XD XF XG XH XJ XK \
     YA YB YC YD YF YG YH YJ YK YL YM YN YP YQ YR YS YT YV YW YX YY YZ ZA ZB ZC ZD ZF ZG ZH ZJ ZK ZL ZM \
     ZN ZP ZQ ZR ZS ZT ZU ZV ZW ZX ZY ZZ";

/// One bit for each number below 1,000.
struct Numbers([u64; 16]);

impl Numbers {
    const fn of(list: &[u16]) -> Self {
        let mut bits = [0; 16];
        let mut place = 0;
        while place < list.len() {
            bits[(list[place] >> 6) as usize] |= 1 << (list[place] & 63);
            place += 1;
        }
        Self(bits)
    }

    fn has(&self, number: usize) -> bool {
        self.0
            .get(number >> 6)
            .is_some_and(|bits| bits & (1 << (number & 63)) != 0)
    }
}

static COUNTRY_BITS: Numbers = Numbers::of(&COUNTRIES);
static CURRENCY_BITS: Numbers = Numbers::of(&CURRENCIES);

/// Whether three digits are an assigned country code.
pub(crate) fn is_country(digits: &[u8]) -> bool {
    number(digits).is_some_and(|number| COUNTRY_BITS.has(number))
}

/// Whether three digits are an assigned currency code.
pub(crate) fn is_currency(digits: &[u8]) -> bool {
    number(digits).is_some_and(|number| CURRENCY_BITS.has(number))
}

/// Whether two capitals are an assigned country code.
pub(crate) fn is_country_letters(letters: &[u8]) -> bool {
    let [first, second] = letters else { return false };
    COUNTRY_LETTERS
        .iter()
        .any(|(letter, seconds)| letter == first && seconds.as_bytes().contains(second))
}

/// Whether two digits are an assigned AIDC media type: 01 to 10, and 80 to 99 for mutual agreement.
pub(crate) fn is_media_type(digits: &[u8]) -> bool {
    number(digits).is_some_and(|number| matches!(number, 1..=10 | 80..=99))
}

/// Whether the characters are a package type code.
pub(crate) fn is_package_type(code: &[u8]) -> bool {
    PACKAGE_TYPES.split(' ').any(|known| known.as_bytes() == code)
}

/// The number that two or three digits make.
fn number(digits: &[u8]) -> Option<usize> {
    digits.iter().try_fold(0usize, |number, byte| {
        byte.is_ascii_digit()
            .then(|| (number * 10 + usize::from(byte - b'0')).min(9_999))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_know_what_is_assigned() {
        assert!(is_country(b"276") && !is_country(b"277") && !is_country(b"999") && !is_country(b"2x6"));
        assert!(is_currency(b"978") && !is_currency(b"279"));
        assert!(is_country_letters(b"DE") && !is_country_letters(b"DD") && !is_country_letters(b"D"));
        assert!(is_media_type(b"10") && !is_media_type(b"11") && !is_media_type(b"00"));
        assert!(
            is_package_type(b"PX")
                && is_package_type(b"8")
                && !is_package_type(b"")
                && !is_package_type(b"~")
        );
    }
}
