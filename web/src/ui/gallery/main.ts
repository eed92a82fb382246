/** A page for those who build the kit: every piece in every state. `npm run dev`, then /gallery.html; never shipped. */
import "../base.css";
import { mount } from "svelte";
import Gallery from "./Gallery.svelte";

mount(Gallery, { target: document.body });
