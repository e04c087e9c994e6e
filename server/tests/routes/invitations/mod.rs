//! `/api/v1/invitations` and `/api/v1/people/{id}/invitations`.
mod post;
mod post_again;
