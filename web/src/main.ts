import { beginPage } from "./begin";

// Small on purpose: it runs while the app's code is still on its way.
beginPage(window.location);
void import("./app");
