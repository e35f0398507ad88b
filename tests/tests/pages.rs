//! The portal's pages, as people meet them who do not see them or use no pointer.

use anyhow::ensure;
use e2e::browser::{Browser, Consent};
use e2e::{Portal, story, vestibule};

#[test]
fn axe_core_finds_nothing_in_the_pages_of_portal_and_sign_in() {
    story(async |world| {
        let portal = Portal::start(world, &[]).await?;
        let browser = Browser::install(world, portal.user()?, Consent::Allow)?;
        let at = |path: &str| format!("{}{path}", portal.origin());

        // Sign-in, second factor, and the portal itself.
        let start = browser.examine(world, &at("/start"), None).await?;
        ensure!(start.text.contains("Web Shop Production"), "{}", start.text);
        for (path, press, words) in [
            ("/start", Some("Access keys"), "PowerShell"),
            ("/security", None, "Known devices and networks"),
            ("/device", None, "Enter the code"),
            ("/nowhere", None, "no such page"),
        ] {
            let page = browser.examine(world, &at(path), press).await?;
            ensure!(page.text.contains(words), "{path}: {}", page.text);
        }

        // Administration.
        for (path, words) in [
            ("/admin", "The last events"),
            ("/admin/users", "developer"),
            ("/admin/users/new", "First password"),
            ("/admin/groups", "Developers"),
            ("/admin/accounts", "Web Shop Production"),
            ("/admin/accounts/tree", "Organizational units"),
            ("/admin/accounts/999900001111", "Who has access"),
            ("/admin/permission-sets/new", "Inline policy"),
            ("/admin/assignments/new", "in which accounts"),
            ("/admin/applications/new", "GitHub"),
            ("/admin/attributes", "Add an attribute"),
            ("/admin/mfa", "A second factor is asked for"),
            ("/admin/settings", "Customize the address"),
            ("/admin/audit", "Export as JSON lines"),
        ] {
            let page = browser.examine(world, &at(path), None).await?;
            ensure!(page.text.contains(words), "{path}: {}", page.text);
        }

        // Consent, and the answer page of the program that asked.
        world.set("VESTIBULE_EXAMINE", "1");
        vestibule::add(world, &portal).await?;
        vestibule::run(world, &["login"]).await?;
        // A command is done before its tab is, whose cookies the next tab takes along.
        let tabs = browser.opened().len();
        browser.page(tabs).await?;
        vestibule::run(world, &["logout"]).await?;
        vestibule::run(world, &["login", "--device"]).await?;
        browser.page(tabs + 1).await?;
        let console = ["console", "Web Shop Production", "AdministratorAccess"];
        vestibule::run(world, &console).await?;
        let flaws: Vec<String> = browser
            .page(tabs + 2)
            .await
            .and_then(|_| browser.pages())?
            .into_iter()
            .flat_map(|page| page.flaws)
            .collect();
        ensure!(flaws.is_empty(), "axe-core found:\n{}", flaws.join("\n"));
        Ok(())
    });
}
