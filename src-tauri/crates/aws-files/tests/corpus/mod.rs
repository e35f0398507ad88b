//! Files as people, editors and tools leave them, and worse.

use proptest::prelude::*;
use proptest::sample::select;

const HEADERS: &[&str] = &[
    "[default]",
    "[profile x]",
    "[profile \"y z\"]",
    "[profile 'q']",
    "[profile\tt]",
    "[profile target]",
    "[profile ]",
    "[profile a b]",
    "[profile \"open]",
    "[profilex z]",
    "[ default ]",
    "[default] ; note",
    "[sso-session acme]",
    "[sso-session \"b\"]",
    "[services s]",
    "[services vestibule-target]",
    "[preview]",
    "[plugins]",
    "[x]]",
    "[ä]",
    "[DEFAULT]",
    "[a=b]",
    "[a # b]",
    "[a\\ b]",
];

const KEYS: &[&str] = &[
    "region",
    "output",
    "s3",
    "sts",
    "aws_access_key_id",
    "sso_session",
    "credential_process",
    "Mixed_Case",
    "key with spaces",
    "ümlaut",
    "a.b",
    "[odd",
];

const VALUES: &[&str] = &[
    "eu-west-1",
    "json",
    "",
    "a = b",
    "x ; not a comment",
    "x # not a comment",
    "\"quoted\"",
    "acme",
    "%(no)s",
    "ü\u{a0}",
    "https://acme.awsapps.com/start#/",
    "a\u{c}b",
    "\u{85}",
];

const ODD_LINES: &[&str] = &[
    "what is this",
    "=",
    "= value",
    "[]",
    "[open",
    "\u{feff}[a]",
    "# >>> vestibule other",
    "# >>> vestibule target",
    "# >>> vestibule sso-session acme",
    "# <<< vestibule",
    "# <<< vestibule x",
    "# >>> vestibule target (ended the line above)",
    "  [profile x]",
    " region = x",
    "\u{2028}a = b",
    "\u{1f}a = b",
];

/// Any file, mostly one that AWS's tools read.
pub(crate) fn documents() -> impl Strategy<Value = Vec<u8>> {
    let sections = prop::collection::vec(section(), 0..5);
    let mark = prop::bool::weighted(0.03);
    let ends = select(vec!["\n", "\n", "\n", "\r\n", "\r\n", "\r", "mixed"]);
    let last = prop::bool::weighted(0.8);
    (comments(), sections, mark, ends, last, any::<u64>()).prop_map(
        |(above, sections, mark, ends, last, seed)| {
            let mut bytes = Vec::new();
            if mark {
                bytes.extend("\u{feff}".bytes());
            }
            let lines: Vec<_> = above
                .into_iter()
                .chain(sections.into_iter().flatten())
                .collect();
            let count = lines.len();
            for (number, line) in lines.into_iter().enumerate() {
                bytes.extend(line);
                let end = match ends {
                    "mixed" => ["\n", "\r\n", "\n", "\r"][(seed >> (number % 31 * 2) & 3) as usize],
                    end => end,
                };
                if last || number + 1 < count {
                    bytes.extend(end.bytes());
                }
            }
            bytes
        },
    )
}

fn section() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let header = select(HEADERS).prop_map(|header| vec![header.as_bytes().to_vec()]);
    let lines = prop_oneof![
        60 => setting(),
        15 => nested(),
        15 => comments(),
        2 => select(ODD_LINES).prop_map(|line| vec![line.as_bytes().to_vec()]),
        1 => prop::collection::vec(1_u8.., 0..12).prop_map(|line| vec![line]),
    ];
    (header, prop::collection::vec(lines, 0..5)).prop_map(|(header, lines)| {
        let mut seen = Vec::new();
        let new = lines.into_iter().filter(|lines| {
            // Repeated settings are refused: a few are enough.
            let key = lines
                .first()
                .and_then(|line| line.split(|byte| matches!(byte, b'=' | b':')).next());
            let key = key.unwrap_or_default().trim_ascii().to_vec();
            let new = !seen.contains(&key) || key.len() % 5 == 1;
            seen.push(key);
            new
        });
        header.into_iter().chain(new.flatten()).collect()
    })
}

fn setting() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let between = select(vec![" = ", "=", " : ", "=  ", "\t=\t", "\u{a0}= "]);
    let more = prop::collection::vec(
        select(vec!["  more", "\tand more = x", "", " # note", "   ; note"]),
        0..2,
    );
    let more = prop_oneof![4 => Just(Vec::new()), 1 => more];
    let indent = prop_oneof![20 => Just(""), 1 => Just("  "), 1 => Just("\t")];
    (indent, select(KEYS), between, select(VALUES), more).prop_map(
        |(indent, key, between, value, more)| {
            let mut lines = vec![format!("{indent}{key}{between}{value}").into_bytes()];
            // Below an empty value these would have to be settings.
            if !value.trim().is_empty() {
                lines.extend(more.into_iter().map(|line| line.as_bytes().to_vec()));
            }
            lines
        },
    )
}

fn nested() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let inner = select(vec![
        "  a = b",
        "    c=d",
        "\te = f = g",
        "",
        " # note",
        "  h =",
        "  i = j\u{b}k = l",
    ]);
    (select(KEYS), prop::collection::vec(inner, 0..4)).prop_map(|(key, inner)| {
        let mut lines = vec![format!("{key} =").into_bytes()];
        lines.extend(inner.into_iter().map(|line| line.as_bytes().to_vec()));
        lines
    })
}

fn comments() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let line = select(vec![
        "# note",
        ";; note = x",
        "  # note",
        "",
        "   ",
        "#",
        "\t",
    ]);
    prop::collection::vec(line, 0..3).prop_map(|lines| {
        lines
            .into_iter()
            .map(|line| line.as_bytes().to_vec())
            .collect()
    })
}
