//! What a demonstration tells its user.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use totp_rs::{Builder, Secret, Totp};

use super::home::Home;
use super::{Portal, User, quoted, vestibule};

/// Profile that the demonstration keeps refreshed once somebody has signed in.
const PROFILE: &str = "demo";

/// What there is to sign in from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Surroundings {
    Desktop,
    /// A display without a session bus, on which no tray appears.
    NoBus,
    Terminal,
}

/// Explains, and keeps a first role refreshed, so that the lines it printed work.
pub(crate) struct Guide<'a> {
    home: &'a Home,
    portal: &'a Portal,
    surroundings: Surroundings,
    kept: bool,
    trouble: Option<String>,
}

impl Surroundings {
    fn told(self) -> &'static str {
        match self {
            Self::Desktop => "Click the doorway in your panel, then Sign in.",
            Self::NoBus => "No tray can appear here, for there is no session bus.",
            Self::Terminal => "There is no tray here, but there is an agent.",
        }
    }
}

impl<'a> Guide<'a> {
    pub(crate) fn new(home: &'a Home, portal: &'a Portal, surroundings: Surroundings) -> Self {
        Self {
            home,
            portal,
            surroundings,
            kept: false,
            trouble: None,
        }
    }

    /// Says how to sign in and what to try.
    pub(crate) fn welcome(&self) -> Result<()> {
        println!("\nPortal     {}", self.portal.start_url);
        if let Some(user) = self.user() {
            println!("User       {}", user.user_name);
            println!("Password   {}", user.password);
            self.code()?;
        }
        println!("\n{} In another terminal:\n", self.surroundings.told());
        self.print_exports();
        match self.surroundings {
            Surroundings::Desktop => {}
            Surroundings::NoBus => println!("  vestibule login"),
            Surroundings::Terminal => println!("  vestibule login --device"),
        }
        println!("  vestibule accounts");
        println!("\nOnce you have signed in, with the AWS CLI:\n");
        println!("  {}", self.proof());
        println!(
            "\nEverything is in {}. Ctrl-C ends the demonstration.",
            self.home.folder().display()
        );
        Ok(())
    }

    /// Prints the authenticator app's code of this moment.
    pub(crate) fn code(&self) -> Result<()> {
        let Some(user) = self.user() else {
            return Ok(());
        };
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let totp = authenticator(&user.totp_secret)?;
        println!(
            "Code       {}   for {} s; Enter shows the next",
            totp.generate(now),
            totp.next_step(now) - now
        );
        Ok(())
    }

    /// Keeps a first role refreshed as soon as somebody has signed in. What stands in the way is
    /// told once; it may pass.
    pub(crate) fn keep_a_role(&mut self) {
        if self.kept {
            return;
        }
        match self.try_to_keep_a_role() {
            Ok(kept) => self.kept = kept,
            Err(error) => {
                let trouble = format!("{error:#}");
                if self.trouble.as_ref() != Some(&trouble) {
                    println!("No profile yet: {trouble}");
                }
                self.trouble = Some(trouble);
            }
        }
    }

    fn try_to_keep_a_role(&self) -> Result<bool> {
        let signed_in = vestibule::sessions(self.home)?
            .iter()
            .any(|session| session.start_url == self.portal.start_url && session.is_signed_in());
        if !signed_in {
            return Ok(false);
        }
        // There is none while the accounts are still being listed.
        let accounts = vestibule::accounts(self.home)?;
        let role = accounts
            .iter()
            .find_map(|account| Some((&account.id, account.least_role()?)));
        let Some((account, role)) = role else {
            return Ok(false);
        };
        vestibule::keep(self.home, account, role, PROFILE)?;
        println!("Signed in; the profile `{PROFILE}` is ready.");
        Ok(true)
    }

    fn print_exports(&self) {
        println!(
            "  export PATH={}:\"$PATH\"",
            quoted(&self.home.programs().to_string_lossy())
        );
        for (name, value) in self.home.exports() {
            println!("  export {name}={}", quoted(&value));
        }
    }

    /// The command that proves the credentials. Debian's AWS CLI needs the endpoint as an argument.
    fn proof(&self) -> String {
        let mut command = format!("aws sts get-caller-identity --profile {PROFILE}");
        if self.portal.example.is_some() {
            let origin = self.portal.start_url.trim_end_matches("/start");
            command.push_str(" --endpoint-url ");
            command.push_str(&quoted(origin));
        }
        command
    }

    fn user(&self) -> Option<&User> {
        self.portal.example.as_ref()?.users.first()
    }
}

fn authenticator(secret: &str) -> Result<Totp> {
    let secret =
        Secret::try_from_base32(secret).context("the portal's TOTP secret is not base32")?;
    Ok(Builder::new().with_secret(secret).build()?)
}
