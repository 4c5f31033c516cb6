//! Parts of screens that know nothing of people, servers or URLs.
//!
//! One file per part, with its style in `style/` under the same name. What does not belong here: anything
//! that names a feature, a route or the API. Text is always text: nothing here renders HTML from data.

pub mod avatar;
pub mod button;
pub mod chip;
pub mod clamp;
pub mod combobox;
pub mod copy;
pub mod dynamic;
pub mod full_value;
pub mod grid;
pub mod icon;
pub mod json;
pub mod kind;
pub mod message;
pub mod modal;
pub mod notice;
pub mod part;
pub mod search_field;
pub mod skeleton;
pub mod squeeze;
pub mod tabs;
pub mod time;
pub mod typed;
pub mod value;
pub mod window;
