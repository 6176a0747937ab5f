//! The colour of buttons and links on the gate's pages.

/// A colour, by its red, green and blue.
type Colour = [u8; 3];

const SHEET: Colour = [255, 255, 255];
/// `--sheet` of the dark style sheet.
const DARK_SHEET: Colour = [0x1c, 0x20, 0x23];
/// What text needs (WCAG 2.2, 1.4.3).
const READABLE: f64 = 4.5;
/// What it gets on a dark sheet, where letters seem thinner.
const READABLE_IN_THE_DARK: f64 = 6.0;

/// The colour of buttons and links: white is read on it, and it is read on white.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accent(Colour);

impl Accent {
    /// Reads `#rrggbb`. Refuses what is no such colour, and one that white text can't be read on.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#')?;
        if digits.len() != 6 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let [_, red, green, blue] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
        let colour = [red, green, blue];
        (contrast(colour, SHEET) >= READABLE).then_some(Accent(colour))
    }

    /// The style sheet that sets it. On a dark sheet it is as much lighter as it has to be.
    pub fn style(self) -> String {
        let dark = (0..=16).map(|parts| lighter(self.0, parts));
        let dark =
            dark.into_iter().find(|colour| contrast(*colour, DARK_SHEET) >= READABLE_IN_THE_DARK);
        let (light, dark) = (written(self.0), written(dark.unwrap_or(SHEET)));
        format!(
            ":root{{--accent:{light};--on-accent:#fff}}\
             @media(prefers-color-scheme:dark){{:root{{--accent:{dark};--on-accent:#10201b}}}}"
        )
    }
}

fn written([red, green, blue]: Colour) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// The colour with so many sixteenths of white in it.
fn lighter(colour: Colour, parts: u16) -> Colour {
    colour.map(|part| {
        let white = u16::from(u8::MAX.saturating_sub(part)).saturating_mul(parts) / 16;
        part.saturating_add(u8::try_from(white).unwrap_or(u8::MAX))
    })
}

/// How much two colours differ: from 1 to 21 (WCAG 2.2, contrast ratio).
fn contrast(one: Colour, other: Colour) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance([red, green, blue]: Colour) -> f64 {
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

/// A part of a colour as light (sRGB, IEC 61966-2-1).
fn linear(part: u8) -> f64 {
    let part = f64::from(part) / 255.0;
    if part <= 0.04045 { part / 12.92 } else { power_2_4((part + 0.055) / 1.055) }
}

/// The power of 2.4 of a number up to 1: the general function is long, and nothing else needs it.
fn power_2_4(number: f64) -> f64 {
    let square = number * number;
    // Newton's way to the fifth root of the square.
    let root = (0..24).fold(1.0, |root: f64, _| {
        let fourth = root * root * root * root;
        root - (fourth * root - square) / (5.0 * fourth)
    });
    square * root
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_power_is_the_power() {
        for part in 0..=255 {
            let number = f64::from(part) / 255.0;
            if number > 0.04 {
                assert!((power_2_4(number) - number.powf(2.4)).abs() < 1e-12, "{part}");
            }
        }
    }

    /// Numbers of the WCAG's own examples and of other calculators.
    #[test]
    fn contrasts() {
        for (one, other, expected) in [
            ([0, 0, 0], [255, 255, 255], 21.0),
            ([255, 255, 255], [255, 255, 255], 1.0),
            ([0x76, 0x76, 0x76], [255, 255, 255], 4.54),
            ([0x77, 0x77, 0x77], [255, 255, 255], 4.48),
            ([255, 0, 0], [255, 255, 255], 4.00),
            ([0, 0, 255], [255, 255, 255], 8.59),
        ] {
            let found = contrast(one, other);
            assert!((found - expected).abs() < 0.005, "{one:?} {other:?}: {found}");
        }
    }

    #[test]
    fn an_accent_is_readable_or_refused() {
        for bad in
            ["", "1f5c4d", "#1f5", "#1f5c4d0", "#1f5c4g", "green", "#+f5c4d", "#ffff00", "#777777"]
        {
            assert_eq!(Accent::parse(bad), None, "{bad}");
        }
        assert!(Accent::parse("#767676").is_some() && Accent::parse("#1F5C4D").is_some());
    }

    /// Every fifth value of each part of a colour.
    #[test]
    fn what_is_taken_is_readable_in_the_dark_too() {
        let on_accent = [0x10, 0x20, 0x1b];
        let parts = || (0..=255).step_by(5);
        let mut taken = 0;
        for colour in
            parts().flat_map(|r| parts().flat_map(move |g| parts().map(move |b| [r, g, b])))
        {
            let Some(accent) = Accent::parse(&written(colour)) else { continue };
            taken += 1;
            let style = accent.style();
            let dark = style.rsplit("--accent:").next().unwrap();
            let dark = u32::from_str_radix(&dark[1..7], 16).unwrap().to_be_bytes();
            let dark = [dark[1], dark[2], dark[3]];
            assert!(contrast(dark, DARK_SHEET) >= READABLE_IN_THE_DARK, "{style}");
            assert!(contrast(dark, on_accent) >= READABLE, "{style}");
        }
        assert!(taken > 10_000, "{taken}");
    }

    #[test]
    fn the_style_sheet_has_these_colours() {
        let sheet = include_str!("../../templates/style.css");
        let dark = format!("--sheet: {}", written(DARK_SHEET));
        assert!(sheet.contains("--sheet: #fff") && sheet.contains(&dark));
        assert!(sheet.contains("--on-accent: #fff") && sheet.contains("--on-accent: #10201b"));
    }
}
