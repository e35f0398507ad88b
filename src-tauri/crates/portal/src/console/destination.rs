use url::Url;

/// The hosts of AWS's consoles, each also with regions or services before it.
const CONSOLES: [&str; 5] = [
    "console.aws.amazon.com",
    "console.amazonaws.cn",
    "console.amazonaws-us-gov.com",
    "console.amazonaws-eusc.eu",
    "console.aws.eu",
];

/// Where a console session lands that was not told.
pub(super) fn first_page(partition: &str) -> &'static str {
    match partition {
        "aws-cn" => "https://console.amazonaws.cn/",
        "aws-us-gov" => "https://console.amazonaws-us-gov.com/",
        "aws-eusc" => "https://console.amazonaws-eusc.eu/",
        _ => "https://console.aws.amazon.com/",
    }
}

/// `asked` if it is a page of a console or of this portal: a session opens nothing else.
pub(super) fn parse(asked: &str, origin: &Url) -> Option<Url> {
    let url = Url::parse(asked).ok()?;
    let host = url.host_str()?;
    let of_console = CONSOLES
        .iter()
        .any(|console| host == *console || host.ends_with(&format!(".{console}")));
    let safe = url.username().is_empty() && url.password().is_none();
    ((url.scheme() == "https" && of_console && safe) || url.origin() == origin.origin())
        .then_some(url)
}

/// The region a destination names, in its query or before its host.
pub(super) fn region_of(url: &Url) -> Option<String> {
    let named = url
        .query_pairs()
        .find(|(key, _)| key == "region")
        .map(|(_, region)| region.into());
    let prefix = || {
        let host = url.host_str()?;
        let console = CONSOLES
            .iter()
            .find_map(|console| host.strip_suffix(*console))?;
        console
            .trim_end_matches('.')
            .rsplit('.')
            .next()
            .map(str::to_owned)
    };
    named
        .or_else(prefix)
        .filter(|region| looks_like_region(region))
}

/// `us-east-1`, `us-gov-west-1`, `eusc-de-east-1`.
fn looks_like_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let Some((number, words)) = parts.split_last() else {
        return false;
    };
    let all_words = words
        .iter()
        .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()));
    words.len() >= 2
        && all_words
        && !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(asked: &str) -> Option<Url> {
        let origin = Url::parse("http://localhost:8123").expect("URL");
        parse(asked, &origin)
    }

    #[test]
    fn consoles_of_every_partition_and_this_portal_are_destinations() {
        for asked in [
            "https://console.aws.amazon.com/s3/",
            "https://eu-west-1.console.aws.amazon.com/ec2/home?region=eu-west-1",
            "https://s3.console.aws.amazon.com/",
            "https://console.amazonaws.cn/",
            "https://console.amazonaws-us-gov.com/",
            "http://localhost:8123/console",
        ] {
            assert!(parsed(asked).is_some(), "{asked}");
        }
    }

    #[test]
    fn nothing_else_is() {
        for asked in [
            "http://console.aws.amazon.com/",
            "https://console.aws.amazon.com.evil.example/",
            "https://evilconsole.aws.amazon.com/",
            "https://console.aws.amazon.com@evil.example/",
            "https://user@console.aws.amazon.com/",
            "http://localhost:8124/console",
            "javascript:alert(1)",
            "/console",
            "",
        ] {
            assert!(parsed(asked).is_none(), "{asked}");
        }
    }

    #[test]
    fn the_region_is_read_from_query_or_host() {
        let region = |url: &str| region_of(&Url::parse(url).expect("URL"));
        let named = "https://console.aws.amazon.com/ec2/home?region=ap-south-1";
        assert_eq!(region(named).as_deref(), Some("ap-south-1"));
        let before = "https://eu-west-1.console.aws.amazon.com/";
        assert_eq!(region(before).as_deref(), Some("eu-west-1"));
        assert_eq!(region("https://s3.console.aws.amazon.com/"), None);
        assert_eq!(
            region("https://console.aws.amazon.com/?region=%3Cb%3E"),
            None
        );
    }
}
