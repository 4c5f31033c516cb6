//! Pictures of the page to take away: what is drawn in SVG, as a file of its own.

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Element;

use super::by_name::{ask, call, get};

/// What makes a drawing look as it does. A file has none of the page's styles, so each part takes its own along.
const STYLES: [&str; 14] = [
    "fill",
    "fill-opacity",
    "stroke",
    "stroke-width",
    "stroke-dasharray",
    "stroke-linejoin",
    "opacity",
    "paint-order",
    "font-family",
    "font-size",
    "font-weight",
    "font-variant-numeric",
    "text-anchor",
    "visibility",
];

/// Pixels of a picture for each pixel of the page.
const SHARPNESS: f64 = 2.0;

/// The first drawing in an element as a file of its own.
pub fn svg(id: &str) -> Option<String> {
    let drawing = drawing(id)?;
    let copy: Element = call(&drawing, "cloneNode", &[JsValue::TRUE])?
        .dyn_into()
        .ok()?;
    let window: JsValue = web_sys::window()?.into();
    let (all, copies) = (parts(&drawing)?, parts(&copy)?);
    for (part, copy) in all.iter().zip(copies.iter()) {
        let look = call(&window, "getComputedStyle", std::slice::from_ref(part))?;
        let style: String = STYLES
            .iter()
            .filter_map(|name| {
                let value = call(&look, "getPropertyValue", &[(*name).into()])?.as_string()?;
                (!value.is_empty()).then(|| format!("{name}:{value};"))
            })
            .collect();
        call(copy, "setAttribute", &["style".into(), style.into()])?;
    }
    // What lies behind it on the page.
    let panel = drawing.closest(".panel").ok().flatten()?;
    let look = call(&window, "getComputedStyle", &[panel.into()])?;
    let colour = get(&look, "backgroundColor")?.as_string()?;
    let _ = copy.set_attribute("style", &format!("background:{colour}"));
    let _ = copy.set_attribute("xmlns", "http://www.w3.org/2000/svg");
    let writer = construct(&window, "XMLSerializer")?;
    call(&writer, "serializeToString", &[copy.into()])?.as_string()
}

/// The same as a picture of pixels, as the address of its data.
pub async fn png(id: &str) -> Option<String> {
    let text = svg(id)?;
    let drawing = drawing(id)?;
    let length = |name: &str| drawing.get_attribute(name)?.parse::<f64>().ok();
    let (width, height) = (length("width")? * SHARPNESS, length("height")? * SHARPNESS);
    let window: JsValue = web_sys::window()?.into();
    let image = construct(&window, "Image")?;
    let encoded = call(&window, "encodeURIComponent", &[text.into()])?.as_string()?;
    let source = format!("data:image/svg+xml;charset=utf-8,{encoded}");
    set(&window, &image, "src", source.into())?;
    ask(&image, "decode", &[]).await?;
    let document = web_sys::window()?.document()?;
    let canvas: JsValue = document.create_element("canvas").ok()?.into();
    set(&window, &canvas, "width", width.into())?;
    set(&window, &canvas, "height", height.into())?;
    let pen = call(&canvas, "getContext", &["2d".into()])?;
    let corners = [0.0, 0.0, width, height].map(JsValue::from_f64);
    let arguments = [&[image][..], &corners[..]].concat();
    call(&pen, "drawImage", &arguments)?;
    call(&canvas, "toDataURL", &["image/png".into()])?.as_string()
}

fn drawing(id: &str) -> Option<Element> {
    let element = web_sys::window()?.document()?.get_element_by_id(id)?;
    element.query_selector("svg").ok()?
}

/// All elements below one, in the order of the page.
fn parts(element: &Element) -> Option<Vec<JsValue>> {
    let list = call(element, "querySelectorAll", &["*".into()])?;
    Some(Array::from(&list).to_vec())
}

fn construct(window: &JsValue, name: &str) -> Option<JsValue> {
    let (reflect, constructor) = (get(window, "Reflect")?, get(window, name)?);
    call(&reflect, "construct", &[constructor, Array::new().into()])
}

fn set(window: &JsValue, object: &JsValue, name: &str, value: JsValue) -> Option<()> {
    let reflect = get(window, "Reflect")?;
    let is_set = call(&reflect, "set", &[object.clone(), name.into(), value])?;
    is_set.is_truthy().then_some(())
}
