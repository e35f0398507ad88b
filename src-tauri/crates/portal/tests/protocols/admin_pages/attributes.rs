use super::{administrator, house};
use crate::{browser::Browser, house::House};

const PATH: &str = "/admin/attributes";

/// The session tags that the console shows to the developer.
async fn tags(browser: &mut Browser<'_>) -> String {
    let opened = browser
        .get("/start/console?account_id=999900001111&role_name=PowerUserAccess")
        .await;
    let page = browser.follow(&opened).await;
    let tags = page.html.split_once("id=\"session-tags\"");
    let tags = tags.and_then(|(_, tags)| tags.split_once("</ul>"));
    tags.map_or_else(String::new, |(tags, _)| tags.to_owned())
}

impl Browser<'_> {
    /// Goes on to wherever these answers lead.
    async fn follow(&mut self, answer: &crate::browser::Page) -> crate::browser::Page {
        let mut target = answer.location().to_owned();
        loop {
            let path = target.trim_start_matches("http://localhost:8123");
            let page = self.get(path).await;
            if !page.status.is_redirection() {
                return page;
            }
            page.location().clone_into(&mut target);
        }
    }
}

async fn set_department(house: &House, browser: &mut Browser<'_>, department: &str) {
    let user = house.user_id("developer").await;
    let fields = [
        ("userName", "developer"),
        ("displayName", "Web Shop Developer"),
        ("emails", "developer@example.com"),
        ("aws:identitystore:enterprise.department", department),
    ];
    let path = format!("/admin/users/{user}/attributes");
    browser.fill(&path, &fields).await.target();
}

#[tokio::test]
async fn what_is_known_of_a_user_becomes_tags_of_their_sessions() {
    let house = house().await;
    let mut browser = administrator(&house).await;
    set_department(&house, &mut browser, "Research").await;
    let mut developer = house.browser();
    developer.sign_in("developer").await;
    assert_eq!(tags(&mut developer).await, "");

    let department = "${path:enterprise.department}";
    let fields = [
        ("before", ""),
        ("key", "department"),
        ("source", department),
    ];
    browser.fill(PATH, &fields).await.target();
    browser.get(PATH).await.shows("Department");
    assert!(tags(&mut developer).await.contains("department = Research"));

    browser
        .get(&format!("{PATH}?change=department"))
        .await
        .shows("value=\"${path:enterprise.department}\"");
    let fields = [
        ("before", "department"),
        ("key", "team"),
        ("source", "${path:userName}"),
    ];
    browser.fill(PATH, &fields).await.target();
    let changed = tags(&mut developer).await;
    assert!(changed.contains("team = developer"), "{changed}");
    assert!(!changed.contains("department"), "{changed}");

    let removal = format!("{PATH}/removal");
    browser
        .submit(PATH, &removal, &[("key", "team")])
        .await
        .leads_to("/admin/attributes?done=attribute-removed");
    assert_eq!(tags(&mut developer).await, "");
}

#[tokio::test]
async fn an_attribute_that_cannot_be_says_why_beside_its_field() {
    let house = house().await;
    let mut browser = administrator(&house).await;
    let first = [("key", "team"), ("source", "${path:title}")];
    browser.fill(PATH, &first).await.target();
    for (key, source, field, problem) in [
        ("", "${path:title}", "key", "It is needed."),
        ("a<b", "${path:title}", "key", "It holds a character"),
        ("team", "${path:title}", "key", "It must be given once."),
        ("other", "", "source", "It is needed."),
        ("other", "${path:<}", "source", "It holds a character"),
    ] {
        let refused = browser
            .fill(PATH, &[("key", key), ("source", source)])
            .await;
        refused.refuses(field, problem);
    }
    let off = format!("{PATH}/off");
    browser.fill(&off, &[]).await.target();
    browser.get(PATH).await.shows("There is none");
    let again = browser.fill(&off, &[]).await;
    assert!(again.problem().contains("no access control"), "{again:?}");
}
