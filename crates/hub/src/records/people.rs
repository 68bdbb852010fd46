//! People, the organizations that they act for, and what each may do.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Text;

/// Something that changes records. A token's scope is a list of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ability {
    /// One's own account: password and tokens.
    Own,
    /// Publish evidence.
    Publish,
    /// Have the hub prove a claim.
    Prove,
    /// Offer a product: for sale, lease, share or operation.
    Offer,
    /// State a need.
    Need,
    /// Publish a challenge.
    Challenge,
    /// Answer a challenge.
    Submit,
    /// Comment as an expert.
    Comment,
    /// Import figures that people report.
    Import,
    /// Accounts and organizations.
    Manage,
}

/// What an organization is; it decides what its members may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrganizationKind {
    /// Makes robots or their parts.
    Maker,
    /// Looks for robots.
    Buyer,
    /// Tests and certifies.
    TestCenter,
    /// Watches over the industry.
    Authority,
    /// Researches: universities, innovation centers.
    Institute,
}

impl OrganizationKind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Maker, Self::Buyer, Self::TestCenter, Self::Authority, Self::Institute];

    /// What its members may do.
    #[must_use]
    pub const fn abilities(self) -> &'static [Ability] {
        use Ability::{Challenge, Comment, Import, Need, Offer, Own, Prove, Publish, Submit};
        match self {
            Self::Maker => &[Own, Publish, Prove, Offer, Need, Challenge, Submit],
            Self::Buyer => &[Own, Publish, Prove, Need, Challenge],
            Self::TestCenter => &[Own, Publish, Prove, Comment],
            Self::Authority => &[Own, Publish, Prove, Need, Challenge, Comment, Import],
            Self::Institute => &[Own, Publish, Prove, Need, Submit, Comment],
        }
    }
}

/// Where an organization is: Beijing's sixteen districts, its development area, and its neighbors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "names of places")]
pub enum District {
    Dongcheng,
    Xicheng,
    Chaoyang,
    Fengtai,
    Shijingshan,
    Haidian,
    Mentougou,
    Fangshan,
    Tongzhou,
    Shunyi,
    Changping,
    Daxing,
    Huairou,
    Pinggu,
    Miyun,
    Yanqing,
    /// Beijing Economic-Technological Development Area.
    Yizhuang,
    Tianjin,
    Hebei,
    Elsewhere,
}

impl District {
    /// All of them.
    pub const ALL: [Self; 20] = [
        Self::Dongcheng,
        Self::Xicheng,
        Self::Chaoyang,
        Self::Fengtai,
        Self::Shijingshan,
        Self::Haidian,
        Self::Mentougou,
        Self::Fangshan,
        Self::Tongzhou,
        Self::Shunyi,
        Self::Changping,
        Self::Daxing,
        Self::Huairou,
        Self::Pinggu,
        Self::Miyun,
        Self::Yanqing,
        Self::Yizhuang,
        Self::Tianjin,
        Self::Hebei,
        Self::Elsewhere,
    ];
}

/// An enterprise's place among enterprises, in the plan's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// 专精特新小巨人: specialized, refined, distinctive and new.
    LittleGiant,
    /// 独角兽: unlisted and worth a billion dollars.
    Unicorn,
    /// 链主: leads a supply chain.
    ChainLeader,
}

/// What somebody is in an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemberRole {
    /// Invites others and lets them go.
    Owner,
    /// Acts for it.
    Member,
}

/// An organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Organization {
    /// Its id: lower-case letters, digits and hyphens.
    pub id: String,
    /// What the hub's operator or its owner states.
    #[serde(flatten)]
    pub stated: OrganizationStated,
    /// How many people act for it.
    pub members: u64,
}

/// What is stated about an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrganizationStated {
    /// Name.
    pub name: Text,
    /// What it is.
    pub kind: OrganizationKind,
    /// Where it is, if told.
    #[serde(default)]
    pub district: Option<District>,
    /// Its tier, if it has one.
    #[serde(default)]
    pub tier: Option<Tier>,
    /// What it does, in a few sentences.
    #[serde(default)]
    pub about: Text,
    /// Ids of the products that it makes.
    #[serde(default)]
    pub products: Vec<String>,
}

/// A change of an organization, with its reason.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganizationChange {
    /// Name.
    pub name: Text,
    /// What it is.
    pub kind: OrganizationKind,
    /// Where it is.
    #[serde(default)]
    pub district: Option<District>,
    /// Its tier.
    #[serde(default)]
    pub tier: Option<Tier>,
    /// What it does.
    #[serde(default)]
    pub about: Text,
    /// Ids of the products that it makes.
    #[serde(default)]
    pub products: Vec<String>,
    /// Why it is stated so; the ledger keeps it.
    pub why: String,
}

/// That somebody acts for an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Membership {
    /// The organization's id.
    pub organization: String,
    /// Its name.
    pub name: Text,
    /// What it is.
    pub kind: OrganizationKind,
    /// What they are in it.
    pub role: MemberRole,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Account {
    /// The name to sign in with.
    pub id: String,
    /// The name to be called by.
    pub name: String,
    /// Whether it runs the hub.
    pub operator: bool,
    /// Whether it is closed.
    pub closed: bool,
    /// Whether it has a password.
    pub has_password: bool,
    /// For whom it acts.
    pub memberships: Vec<Membership>,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Session {
    /// The account; nothing for a stranger.
    pub account: Option<Account>,
    /// What it may do with what it showed: session or token.
    pub abilities: Vec<Ability>,
    /// What a change by this session must carry in the header `x-csrf-token`; nothing for tokens, which need none.
    pub csrf_token: Option<String>,
}

/// What somebody signs in with.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The account.
    pub account: String,
    /// Its password.
    pub password: String,
}

/// A new password.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    /// The one until now, if there is one.
    #[serde(default)]
    pub before: Option<String>,
    /// The new one: 10 to 200 characters.
    #[schema(min_length = 10, max_length = 200)]
    pub password: String,
}

/// A program's token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Token {
    /// Its id.
    pub id: String,
    /// What it is for.
    pub label: String,
    /// What it may do, at most what its account may.
    pub abilities: Vec<Ability>,
    /// When it was made, milliseconds since 1970.
    pub made_ms: u64,
    /// When it ends; nothing if it is only ever taken back.
    pub ends_ms: Option<u64>,
}

/// A token that is wanted.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What it is for.
    #[schema(min_length = 1, max_length = 80)]
    pub label: String,
    /// What it may do.
    #[schema(min_items = 1)]
    pub abilities: Vec<Ability>,
    /// How many days it lasts, 1 to 3650.
    #[schema(minimum = 1, maximum = 3650)]
    pub days: u32,
}

/// A token that was made. Its secret is shown this once.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MadeToken {
    /// The token.
    pub token: Token,
    /// What a program sends: `Authorization: Bearer SECRET`.
    pub secret: String,
}

/// An invitation that is wanted.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvitation {
    /// The organization that the guest will act for.
    #[serde(default)]
    pub organization: Option<String>,
    /// What they will be in it.
    pub role: MemberRole,
    /// Whether they will run the hub.
    #[serde(default)]
    pub operator: bool,
}

/// An invitation that was made.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Invitation {
    /// The page where it is taken up, once. Its secret is shown this once.
    pub page: String,
    /// When it ends, milliseconds since 1970.
    pub ends_ms: u64,
}

/// An invitation that is taken up: by a newcomer, who makes an account, or by somebody who has one.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Joining {
    /// The secret of the invitation.
    pub key: String,
    /// The account to make.
    #[serde(default)]
    pub newcomer: Option<Newcomer>,
}

/// An account to be made.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Newcomer {
    /// The name to sign in with: 2 to 40 lower-case letters, digits and hyphens, a letter first.
    #[schema(min_length = 2, max_length = 40, pattern = "^[a-z][a-z0-9-]*$")]
    pub account: String,
    /// The name to be called by.
    #[schema(min_length = 1, max_length = 80)]
    pub name: String,
    /// 10 to 200 characters.
    #[schema(min_length = 10, max_length = 200)]
    pub password: String,
}

/// Why a change is made.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// The ledger keeps it.
    #[schema(min_length = 1, max_length = 500)]
    pub why: String,
}
