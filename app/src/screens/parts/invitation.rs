//! An invitation as somebody shows it to the person invited: the picture to scan, the link to send. Shown once.

use leptos::prelude::*;

use crate::components::notice::{Tone, notice};
use crate::i18n::tr;
use crate::screens::naming;
use crate::state::Invitation;

/// Draws it.
pub fn invitation(invitation: &Invitation) -> AnyView {
    let origin = window().location().origin().unwrap_or_default();
    let link = format!("{origin}{}", invitation.path);
    let picture =
        format!("data:image/svg+xml;utf8,{}", String::from(js_sys::encode_uri_component(&invitation.qr_svg)));
    let until = naming::moment(invitation.expires_at);
    let words = view! {
        <p>{tr!(invitation.show)}</p>
        <img class="qr" src=picture alt=tr!(invitation.picture) width="220" height="220" />
        <p class="secret" data-testid="invitation-link">{link}</p>
        <p class="soft">{tr!(invitation.name, name = invitation.name.clone())}</p>
        <p class="soft">{tr!(invitation.until, until = until)}</p>
    };
    notice(Tone::Good, view! { <div class="stack" data-testid="invitation">{words}</div> })
}
