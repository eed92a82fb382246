/** The door of the app: puts the shell on the page, and nothing else. */
import { mount } from "svelte";
import App from "./App.svelte";
import { isStandIn } from "./boot";
import StandIn from "./screens/shell/StandIn.svelte";

const target = document.getElementById("app");
if (!target) throw new Error("The page has no #app to stand in.");
mount(isStandIn() ? StandIn : App, { target });
