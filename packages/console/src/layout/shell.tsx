import { Burger } from "@mantine/core";
import { Suspense, useEffect, useState } from "react";
import { Link, Outlet, useLocation } from "react-router";
import { Loading } from "../show/loading.js";
import { Brand } from "./brand.js";
import { ConsoleSwitcher } from "./console-switcher.js";
import { Navigation } from "./navigation.js";
import { ThemeSwitch } from "./theme-switch.js";
import { UserMenu } from "./user-menu.js";

/** The frame around every page: who, where, and the way to the other pages. */
export function Shell() {
  const { pathname } = useLocation();
  const [isOpen, setOpen] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: closes when the page changes
  useEffect(() => setOpen(false), [pathname]);
  return (
    <>
      <button
        type="button"
        className="skip"
        onClick={() => document.getElementById("main")?.focus()}
      >
        Skip to the content
      </button>
      <header className="bar">
        <Burger
          className="narrow-only"
          size="sm"
          opened={isOpen}
          aria-expanded={isOpen}
          aria-controls="navigation"
          aria-label={isOpen ? "Close the menu" : "Open the menu"}
          onClick={() => setOpen(!isOpen)}
        />
        <Link to="/" className="brand" aria-label="Console, overview">
          <Brand />
          <span className="wide-only">Console</span>
        </Link>
        <ConsoleSwitcher />
        <div className="bar-end">
          <ThemeSwitch />
          <UserMenu />
        </div>
      </header>
      <div className="frame">
        <Navigation isOpen={isOpen} />
        <main className="main" id="main" tabIndex={-1}>
          <Suspense fallback={<Loading what="the page" />}>
            <Outlet />
          </Suspense>
        </main>
      </div>
    </>
  );
}
