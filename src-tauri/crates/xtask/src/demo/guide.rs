//! What a demonstration tells its user.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use totp_rs::{Builder, Secret, Totp};

use super::home::Home;
use super::{Portal, User, quoted, vestibule};

/// Profile that the demonstration keeps refreshed once somebody has signed in.
const PROFILE: &str = "demo";

/// Explains, and keeps a first role refreshed, so that the lines it printed work.
pub(crate) struct Guide<'a> {
    home: &'a Home,
    portal: &'a Portal,
    headless: bool,
    kept: bool,
}

impl<'a> Guide<'a> {
    pub(crate) fn new(home: &'a Home, portal: &'a Portal, headless: bool) -> Self {
        Self {
            home,
            portal,
            headless,
            kept: false,
        }
    }

    /// Says how to sign in and what to try.
    pub(crate) fn welcome(&self) -> Result<()> {
        println!("\nThe portal     {}", self.portal.start_url);
        if let Some(user) = self.user() {
            println!("Sign in as     {}", user.user_name);
            println!("Password       {}", user.password);
            self.code()?;
        }
        println!();
        if self.headless {
            println!("There is no display, so the agent runs without a tray. In another terminal:");
        } else {
            println!("Click the doorway in your panel, then Sign in. In another terminal:");
        }
        println!();
        self.print_exports();
        if self.headless {
            println!("  vestibule login --device");
        }
        println!("  vestibule status");
        println!("  vestibule accounts");
        println!("\nOnce you have signed in, the profile `{PROFILE}` is kept refreshed:\n");
        println!("  {}", self.proof());
        println!(
            "\nCtrl-C ends the demonstration. All of it is in {}",
            self.home.path("").display()
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
            "Code           {}   (for {} s; press Enter for the next)",
            totp.generate(now),
            totp.next_step(now) - now
        );
        Ok(())
    }

    /// Keeps a first role refreshed as soon as somebody has signed in.
    pub(crate) fn keep_a_role(&mut self) -> Result<()> {
        if self.kept {
            return Ok(());
        }
        let signed_in = vestibule::sessions(self.home)?
            .iter()
            .any(|session| session.start_url == self.portal.start_url && session.is_signed_in());
        if !signed_in {
            return Ok(());
        }
        // There is none while the accounts are still being listed.
        let accounts = vestibule::accounts(self.home)?;
        let role = accounts
            .iter()
            .find_map(|account| Some((&account.id, account.roles.first()?)));
        if let Some((account, role)) = role {
            vestibule::keep(self.home, account, role, PROFILE)?;
            println!("Signed in. The profile `{PROFILE}` is ready.");
            self.kept = true;
        }
        Ok(())
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
        let mut command = format!(
            "aws sts get-caller-identity --profile {PROFILE} --region {}",
            self.portal.region
        );
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
