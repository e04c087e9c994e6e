//! Every route on one page. Who may call a route shows in its handler's signature: [`SignedIn`](crate::auth::SignedIn),
//! [`Reader`](extract::Reader), [`Administrator`](extract::Administrator) and the others of [`extract`], or nobody in
//! particular.

mod aftercare;
mod audit;
mod devices;
mod erasure;
mod error;
mod events;
mod extract;
mod guard;
mod hand_over;
mod instance;
mod invitations;
mod listen;
mod me;
mod people;
mod photos;
mod pwa;
mod recovered;
mod reports;
mod session;
mod set_up;
mod sync;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, header};
use axum::routing::get;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use listen::{Limits, serve};

use crate::state::AppState;

/// What pages of ours may load and run: what this server serves, and wasm.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

/// What pages of ours may use of the phone.
const PERMISSIONS: &str = "camera=(self), geolocation=(self), microphone=()";

#[derive(utoipa::OpenApi)]
#[openapi(info(
    title = "Đồng Hành",
    description = "Errors are JSON `{code, field, vi, en}`. Push and pull are integer-keyed CBOR; see docs/sync-protocol.md."
))]
struct Document;

/// Every route.
pub fn router(state: AppState) -> Router {
    let (api, document) = OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(instance::healthz))
        .routes(routes!(instance::instance))
        .routes(routes!(session::sign_in, session::current, session::sign_out))
        .routes(routes!(session::unlock))
        .routes(routes!(me::offer_codes, me::prove_codes))
        .routes(routes!(me::change_password))
        .routes(routes!(invitations::look))
        .routes(routes!(invitations::join))
        .routes(routes!(sync::push))
        .routes(routes!(sync::pull))
        .routes(routes!(events::events))
        .routes(routes!(photos::put, photos::get))
        .routes(routes!(reports::activity))
        .routes(routes!(reports::aftercare))
        .routes(routes!(aftercare::list, aftercare::change))
        .routes(routes!(aftercare::in_force))
        .routes(routes!(aftercare::managed))
        .routes(routes!(erasure::asked, erasure::ask, erasure::take_back))
        .routes(routes!(set_up::set_up))
        .routes(routes!(set_up::communes))
        .routes(routes!(people::list, people::add))
        .routes(routes!(people::change_role, people::end))
        .routes(routes!(invitations::invite))
        .routes(routes!(invitations::invite_again))
        .routes(routes!(invitations::reset_codes))
        .routes(routes!(invitations::approvals))
        .routes(routes!(invitations::decide))
        .routes(routes!(devices::list))
        .routes(routes!(devices::revoke))
        .routes(routes!(hand_over::push))
        .routes(routes!(hand_over::rescue))
        .routes(routes!(hand_over::take))
        .routes(routes!(hand_over::done))
        .routes(routes!(hand_over::list, hand_over::decide))
        .routes(routes!(recovered::list, recovered::seen))
        .routes(routes!(audit::list))
        .split_for_parts();
    let document = axum::Json(document);
    api.route("/api/v1/openapi.json", get(|| async { document }))
        .fallback(pwa::file)
        .method_not_allowed_fallback(error::unknown_route)
        .layer(axum::middleware::from_fn_with_state(guard::Guard::default(), guard::guard))
        .layer(header_layer(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        .layer(header_layer(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header_layer(header::REFERRER_POLICY, "no-referrer"))
        .layer(header_layer(header::X_FRAME_OPTIONS, "DENY"))
        .layer(header_layer(header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains"))
        .layer(header_layer(HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
        .layer(header_layer(HeaderName::from_static("cross-origin-resource-policy"), "same-origin"))
        .layer(header_layer(HeaderName::from_static("permissions-policy"), PERMISSIONS))
        .with_state(state)
}

fn header_layer(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
}
