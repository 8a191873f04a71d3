//! The numbers by which tags are judged: named, with defaults, and for a site to change.
//!
//! The defaults were found in simulated air with seeds that are not those they are scored with (`docs/rfid.md`).

/// One number of the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its name, as a configuration names it.
    pub name: &'static str,
    /// What it counts: `dB/100`, `windows`, `ms`, `per mille`.
    pub unit: &'static str,
    /// What it is where a site says nothing.
    pub default: i32,
    /// The least it can be.
    pub least: i32,
    /// The most it can be.
    pub most: i32,
    /// What it means.
    pub says: &'static str,
}

/// A rule that a configuration asks for and that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleFault {
    /// No rule has the name.
    #[error("no rule is called {name}; the rules are {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// The number is out of its range.
    #[error("{name} is {value}: it can be from {least} to {most} {unit}")]
    Range {
        /// The rule.
        name: &'static str,
        /// What was asked for.
        value: i32,
        /// The least.
        least: i32,
        /// The most.
        most: i32,
        /// What it counts.
        unit: &'static str,
    },
}

macro_rules! rules {
    ($($name:ident: $unit:literal, $least:literal to $most:literal, default $default:literal, $says:literal;)*) => {
        /// The numbers by which tags are judged. [`Rules::TABLE`] names them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct Rules {
            $(#[doc = concat!($says, " In ", $unit, ".")] pub $name: i32,)*
        }

        impl Rules {
            /// Every rule, with its default, its range and its meaning.
            pub const TABLE: &[Rule] = &[$(Rule {
                name: stringify!($name),
                unit: $unit,
                default: $default,
                least: $least,
                most: $most,
                says: $says,
            },)*];

            /// The value of a rule, by its name.
            pub fn get(&self, name: &str) -> Option<i32> {
                match name {
                    $(stringify!($name) => Some(self.$name),)*
                    _ => None,
                }
            }

            fn place(&mut self, name: &str) -> Option<&mut i32> {
                match name {
                    $(stringify!($name) => Some(&mut self.$name),)*
                    _ => None,
                }
            }
        }

        impl Default for Rules {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }
    };
}

rules! {
    window_ms: "ms", 50 to 2_000, default 250,
        "Sightings within this time of the reading are one in the counts of windows.";
    level_per_mille: "per mille", 0 to 900, default 100,
        "The level of a window is the strength that this share of its tags are above.";
    near_gap: "dB/100", 100 to 4_000, default 800,
        "A tag is near in a window when it is at most so far below the window's level.";

    signal_offset: "dB/100", -4_000 to 4_000, default 0,
        "What a reader tells too little; negative where it tells too much. Found at set-up, with a tag at a known distance.";
    sweep_base_points: "points", -100_000 to 100_000, default 10_280,
        "What a tag has to begin with; a thousand points are one natural log-odds.";
    sweep_top_points: "points a dB", 0 to 10_000, default 222,
        "How much the mean of a tag's strongest windows weighs, from 0 dBm down.";
    sweep_area_points: "points", 0 to 100_000, default 1_540,
        "How much it weighs when twice as much was heard of a tag, over all windows.";
    sweep_near_points: "points a dB", 0 to 10_000, default 390,
        "How much it weighs that the strong tags were strong while a tag was: the reader stood before the goods.";
    sweep_gap_points: "points a dB", 0 to 10_000, default 385,
        "How much it weighs against a tag that it was weaker than the strong tags of the sweep.";
    sweep_level_least: "dBm/100", -12_000 to 0, default -4_000,
        "The strong tags of a sweep are taken for this strong at least: where the goods are away, the next bay is not the goods.";
    sweep_sure_level: "dBm/100", -12_000 to 0, default -4_200,
        "Where the strong tags of a sweep are weaker nothing is sure: the reader was too far from the goods, or they are away.";
    sweep_company_span: "points", 1 to 100_000, default 6_000,
        "In the company of others a tag with so many points by itself is near, and one that lacks as many is far.";
    sweep_company_base: "points", -100_000 to 100_000, default -7_340,
        "What a tag begins with when its company is weighed.";
    sweep_alone_per_mille: "per mille", 0 to 10_000, default 382,
        "How much of its points by itself a tag keeps when its company is weighed.";
    sweep_company_points: "points", 0 to 100_000, default 15_170,
        "How much it weighs that the tags which were strongest in the same windows are all near, against all far.";
    sweep_beside_points: "points a dB", 0 to 10_000, default 302,
        "How much it weighs against a tag, once its company is weighed, that others were stronger whenever it was heard.";
    sweep_known_points: "points", 0 to 100_000, default 1_500,
        "How much it weighs that a tag is known to be expected here, or elsewhere.";
    sweep_sure_points: "points", -100_000 to 100_000, default 1_300,
        "A tag with so many points is sure.";
    sweep_stray_points: "points", -100_000 to 100_000, default -1_700,
        "A tag with so few points is stray.";
    sweep_sure_windows: "windows", 1 to 100, default 3,
        "A tag that is sure was heard in so many windows at least.";

    sweep_overlap_least: "tags", 1 to 100_000, default 6,
        "Bins overlap in a sweep where so many tags at least have points between stray and sure.";
    sweep_overlap_spread: "per mille", 0 to 10_000, default 1_100,
        "How much it adds to the overlap that the points of the sure tags differ: of their mean deviation.";
    sweep_overlap_parted: "per mille", 0 to 10_000, default 115,
        "How much the tags take from the overlap that company has parted: of the logarithm to base 2 of how many, per mille of the sure.";
    sweep_parted_alone: "points", -100_000 to 100_000, default 1_000,
        "A tag with more points by itself is parted from this bin by far company.";
    sweep_parted_company: "per mille", 0 to 1_000, default 600,
        "Company that is less near than this is far.";
    sweep_overlap_usual: "thousandths", 0 to 100_000, default 8_000,
        "So much overlap is usual: the logarithm to base 2 of the tags between stray and sure, per mille of the sure, with the two others.";
    sweep_overlap_points: "points", 0 to 100_000, default 3_500,
        "With a thousand of overlap more a tag that is not expected here needs so many points more to be sure, with two thousand four times.";

    sweep_control_near: "points", 0 to 100_000, default 1_000,
        "A tag that is known to lie elsewhere, and lacks at most so many points to be sure here, says that the sweep hardly tells.";
    sweep_control_margin: "points", 0 to 100_000, default 3_000,
        "A tag that is sure nevertheless has so many points more than each tag that is known to lie elsewhere and says so.";
    sweep_controls_most: "tags", 0 to 100_000, default 1,
        "Where more tags that are known to lie elsewhere would be sure here, nothing is sure that is not expected here.";

    growth_quiet_ms: "ms", 500 to 60_000, default 4_000,
        "A sweep is done when no new tag was near for so long.";
    growth_unseen_per_mille: "per mille", 0 to 200, default 5,
        "A sweep goes on while more than this share of the tags is estimated to be unheard.";
    growth_windows_min: "windows", 1 to 10_000, default 20,
        "A sweep is not done before so many windows.";

    pass_base_points: "points", -100_000 to 100_000, default 3_850,
        "What a tag of a pass has to begin with.";
    pass_gap_points: "points a dB", 0 to 10_000, default 192,
        "How much it weighs against a tag that it was weaker than the strong tags of the pass.";
    pass_course_points: "points a dB", 0 to 10_000, default 133,
        "How much it weighs that a tag rose from the first quarter of the pass and fell to the last, the lesser of the two.";
    pass_apart_points: "points a tenth", 0 to 100_000, default 2_205,
        "How much it weighs that the sides heard a tag one after the other, as the others: for each tenth of the pass between.";
    pass_presence_points: "points a tenth", 0 to 100_000, default 666,
        "How much it weighs against a tag that it was heard on and on: for each tenth of the pass.";
    pass_one_sided: "per mille", 0 to 500, default 150,
        "Taken for the time between the sides where a portal's antennas all look one way.";
    pass_level_least: "dBm/100", -12_000 to 0, default -4_800,
        "The strong tags of a pass are taken for this strong at least: where nothing goes through, what is staged does not.";
    pass_crowd_gap: "dB/100", 0 to 6_000, default 800,
        "The strong tags that say which way a pass went are at most so far below its level.";
    pass_apart_least: "per mille", 0 to 500, default 60,
        "Sides that heard a tag nearer together in time, against the length of the pass, tell no direction.";
    pass_resident_points: "points", 0 to 100_000, default 1_500,
        "How much it weighs against a tag that it was heard before the pass, while nothing went through.";
    pass_known_points: "points", 0 to 100_000, default 1_000,
        "How much it weighs that a tag is announced for this pass, or known to be elsewhere.";
    pass_sure_points: "points", -100_000 to 100_000, default 2_800,
        "A tag with so many points is sure.";
    pass_stray_points: "points", -100_000 to 100_000, default -1_800,
        "A tag with so few points is stray.";
    pass_sure_windows: "windows", 1 to 100, default 3,
        "A tag that is sure was heard in so many windows at least.";
    settle_gap: "dB/100", 0 to 6_000, default 600,
        "Of two portals the one that heard a tag stronger by so much has it.";
}

impl Rules {
    /// Changes one rule.
    ///
    /// # Errors
    /// [`RuleFault`] where there is no such rule, or it cannot be that.
    pub fn set(&mut self, name: &str, value: i32) -> Result<(), RuleFault> {
        let row = Self::TABLE.iter().find(|row| row.name == name);
        let (Some(row), Some(place)) = (row, self.place(name)) else {
            let known: Vec<&str> = Self::TABLE.iter().map(|row| row.name).collect();
            return Err(RuleFault::Unknown {
                name: name.to_owned(),
                known: known.join(", "),
            });
        };
        if value < row.least || value > row.most {
            return Err(RuleFault::Range {
                name: row.name,
                value,
                least: row.least,
                most: row.most,
                unit: row.unit,
            });
        }
        *place = value;
        Ok(())
    }
}
