//! The guided set-up: an empty server gets its wards, the organisations and campaigns of the plan, and its first account.
//! Possible once, while nobody has an account.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use donghanh_migrations::reference::{self, Commune};
use donghanh_shared::access::{Membership, Role};
use donghanh_shared::domain::WardCode;
use donghanh_shared::domain::date::Span;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::search::{folded, matches};
use donghanh_shared::sync::wire::Reference;
use tokio::sync::Mutex;

use crate::audit::kind;
use crate::auth::attempts::Denied;
use crate::auth::people::{Application, add, check};
use crate::auth::prove::{Caller, Turn};
use crate::auth::secrets::Token;
use crate::problem::logged;
use crate::state::AppState;

/// Most communes that one search returns.
pub const MAX_FOUND: usize = 50;
/// Longest name of an area, in characters.
const AREA_CHARS: usize = 120;

/// Of two set-ups at the same moment the second finds that it is done.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// The built-in communes, each with its text as searched.
static COMMUNES: LazyLock<Vec<(String, Commune)>> = LazyLock::new(|| {
    let text =
        |unit: &Commune| folded(&format!("{} {} {} {}", unit.code, unit.kind, unit.name, unit.province));
    reference::communes().into_iter().map(|unit| (text(&unit), unit)).collect()
});

/// What the set-up is told.
pub struct SetUp {
    /// The token that the server printed at its start, hexadecimal.
    pub token: String,
    /// A whole province, when no wards are listed; otherwise the province that all wards are in.
    pub province_code: Option<String>,
    /// Codes of current units.
    pub wards: Vec<String>,
    /// What the area is called.
    pub area_name: String,
    /// The first account's full name, sign-in name and password.
    pub administrator: (String, String, String),
}

/// What was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    /// Wards, those that went into the current ones included.
    pub wards: usize,
    /// Organisations.
    pub organisations: usize,
    /// Campaigns.
    pub campaigns: usize,
}

/// Sets the server up.
///
/// # Errors
/// [`Code::AlreadySetUp`]; [`Code::NotAllowed`] without the token; [`Code::FieldMissing`], [`Code::WardInvalid`] or [`Code::WardUnknown`] at `wards`;
/// [`Code::TextEmpty`] or [`Code::TextTooLong`] at `area_name`; those of [`add`]; [`Code::TooManyAttempts`]. Nothing is
/// changed then.
pub async fn set_up(state: &AppState, caller: &Caller, wanted: SetUp) -> Result<Made, Denied> {
    let turn = Turn::take(state, None, caller).await?;
    if is_open(state).await? && !may_set_up(state, &wanted.token) {
        return Err(turn.failed(kind::SIGN_IN_REFUSED, None, Code::NotAllowed).await);
    }
    drop(turn);
    Ok(carry_out(state, wanted).await?)
}

async fn carry_out(state: &AppState, wanted: SetUp) -> Result<Made, Problem> {
    let _one = ONE_AT_A_TIME.lock().await;
    if !is_open(state).await? {
        return Err(Problem::new(Code::AlreadySetUp));
    }
    let area_name = wanted.area_name.trim().to_owned();
    let at_area = |code: Code| Err(Problem::new(code).at("area_name"));
    if area_name.is_empty() {
        return at_area(Code::TextEmpty);
    }
    if area_name.chars().count() > AREA_CHARS {
        return at_area(Code::TextTooLong);
    }
    let codes = codes(&wanted)?;
    let administrator = check(administrator(state, wanted.administrator))?;
    let wards = state.compute(move || reference::wards_of(&codes)).await?;
    let (organisations, campaigns) = (reference::organisations(), reference::campaigns());
    let made = Made { wards: wards.len(), organisations: organisations.len(), campaigns: campaigns.len() };
    let references = wards.into_iter().map(Reference::Ward);
    let references = references.chain(organisations.into_iter().map(Reference::Organisation));
    let references = references.chain(campaigns.into_iter().map(Reference::Campaign)).collect();
    state.store().put_references(references).await.map_err(logged)?;
    state.store().name_area(area_name).await.map_err(logged)?;
    // The account comes last: until it is there, an interrupted set-up can be done again.
    add(state, vec![administrator]).await?;
    Ok(made)
}

/// Whether nobody has an account yet.
///
/// # Errors
/// [`Code::Internal`].
pub async fn is_open(state: &AppState) -> Result<bool, Problem> {
    state.store().is_empty().await.map_err(logged)
}

/// Whether this is the token that the server printed at its start. Hashes are compared: the time tells nothing.
#[must_use]
pub fn may_set_up(state: &AppState, token: &str) -> bool {
    let shown = Token::parse(token).map(|token| token.hash());
    shown.is_some() && shown == state.set_up_token().map(Token::hash)
}

fn administrator(state: &AppState, (full_name, sign_in, password): (String, String, String)) -> Application {
    let span = Span { from: state.today(), to: None };
    let membership =
        Membership { role: Role::Administrator, ward: None, organisation: None, place: None, span };
    Application { id: None, sign_in, full_name, password, memberships: vec![membership] }
}

fn codes(wanted: &SetUp) -> Result<BTreeSet<WardCode>, Problem> {
    let at_wards = |code: Code| Problem::new(code).at("wards");
    let province = wanted.province_code.as_deref().filter(|code| !code.is_empty());
    let known: BTreeMap<&str, &Commune> = COMMUNES
        .iter()
        .filter(|(_, unit)| province.is_none_or(|code| unit.province_code == code))
        .map(|(_, unit)| (unit.code.as_str(), unit))
        .collect();
    if known.is_empty() {
        return Err(Problem::new(Code::WardUnknown).at("province_code"));
    }
    let listed: Vec<&str> = match (wanted.wards.as_slice(), province) {
        ([], None) => return Err(at_wards(Code::FieldMissing)),
        ([], Some(_)) => known.keys().copied().collect(),
        (wards, _) => wards.iter().map(String::as_str).collect(),
    };
    let mut codes = BTreeSet::new();
    for text in listed {
        let code: WardCode = text.parse().map_err(|_| at_wards(Code::WardInvalid))?;
        if !known.contains_key(text) {
            return Err(at_wards(Code::WardUnknown));
        }
        codes.insert(code);
    }
    Ok(codes)
}

/// The communes that the words name, wherever in their code, kind, name or province; those with most of the words in
/// the name itself come first, and of them those whose name begins with the first word.
#[must_use]
pub fn communes(words: &str) -> Vec<&'static Commune> {
    let words = folded(words);
    let mut found: Vec<_> =
        COMMUNES.iter().filter(|(text, _)| matches(text, &words)).map(|(_, unit)| unit).collect();
    let first = words.split(' ').next().unwrap_or_default();
    found.sort_by_cached_key(|unit| {
        let name = folded(&unit.name);
        let elsewhere = words.split(' ').filter(|word| !name.contains(word)).count();
        (elsewhere, !name.starts_with(first))
    });
    found.truncate(MAX_FOUND);
    found
}
