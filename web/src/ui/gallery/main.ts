/** A page for those who build the kit: every piece in every state. `npm run dev`, then /gallery.html; never shipped. */
import "../base.css";
import { mount } from "svelte";
import Room from "./Room.svelte";
import Gallery from "./Gallery.svelte";

const page = new URLSearchParams(location.search).get("page");
mount(page === "room" ? Room : Gallery, { target: document.body });
