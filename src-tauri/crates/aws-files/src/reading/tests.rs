use super::*;

fn found(bytes: &[u8]) -> Vec<(usize, usize, Reason)> {
    problems(&Document::parse(bytes))
        .into_iter()
        .map(|problem| (problem.line, problem.column, problem.reason))
        .collect()
}

fn settings(of: &[(&str, Value)]) -> Settings {
    let settings = of.iter().cloned();
    settings
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

#[test]
fn every_kind_of_section_and_value_is_read() {
    let document = Document::parse(
        "# note\n[default]\nRegion : eu-west-1\n[profile \"my dev\"]\r\ns3 =\r\n    # nested\r\n\
         \ta = b=c\r\n\r\n    d=\r\nlong = one\n  two\n\n  three\n[sso-session acme]\n[services s]\n\
         sts =\n  endpoint_url = http://localhost:1\n[preview]\nx = y",
    );
    let reading = read(&document).unwrap();
    let nested = |pairs: &[(&str, &str)]| {
        let pairs = pairs.iter();
        Value::Nested(
            pairs
                .map(|(key, value)| ((*key).into(), (*value).into()))
                .collect(),
        )
    };
    assert_eq!(
        reading.profiles["default"],
        settings(&[("region", text("eu-west-1"))])
    );
    let dev = [
        ("s3", nested(&[("a", "b=c"), ("d", "")])),
        ("long", text("one\ntwo\n\nthree")),
    ];
    assert_eq!(reading.profiles["my dev"], settings(&dev));
    assert_eq!(reading.sso_sessions["acme"], Settings::new());
    let sts = nested(&[("endpoint_url", "http://localhost:1")]);
    assert_eq!(reading.services["s"], settings(&[("sts", sts)]));
    assert_eq!(reading.others["preview"], settings(&[("x", text("y"))]));
}

#[test]
fn every_problem_has_its_line_and_column() {
    let repeated = "[a]\nx = 1\n  [a]\n[b]\ny = 1\n Y = 2\nY = 3\n";
    // The third line goes on with the second, the sixth with the fifth.
    let key = "y".to_owned();
    let expected = [(7, 1, Reason::RepeatedSetting { key, first: 5 })];
    assert_eq!(found(repeated.as_bytes()), expected);
    let header = "a".to_owned();
    let expected = [(3, 1, Reason::RepeatedSection { header, first: 1 })];
    assert_eq!(found(b"[a]\r\r[a]\r"), expected);
    let expected = [
        (1, 1, Reason::ByteOrderMark),
        (1, 2, Reason::NoSection),
        (4, 3, Reason::NoSetting),
        (6, 4, Reason::NotNested),
    ];
    assert_eq!(
        found("\u{feff} x = 1\n[a]\n\n  b\ns3 =\n   c\n".as_bytes()),
        expected
    );
    assert_eq!(
        found(b"[a]\nb = \xc3\xa4 \xe4\n"),
        [(2, 7, Reason::NotUtf8)]
    );
}

#[test]
fn two_byte_text_is_told_from_text() {
    let bytes: Vec<u8> = "[default]"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let marked = [b"\xff\xfe", &bytes[..]].concat();
    for bytes in [bytes, marked] {
        assert_eq!(found(&bytes), [(1, 1, Reason::NotText)]);
    }
    assert_eq!(found(b"[a]\nb = \0\n"), []);
}

#[test]
fn a_problem_reads_as_a_sentence_without_its_path() {
    let problem = read(&Document::parse("[a]\nb\n")).unwrap_err();
    let expected = "line 2, column 1: this is neither a [section] nor a setting with =";
    assert_eq!(problem.to_string(), expected);
}
