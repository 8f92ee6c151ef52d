import { AppShell, Container } from "@mantine/core";
import { Navigate, Outlet, useLocation } from "@tanstack/react-router";
import { useEffect } from "react";
import { useSession } from "../../api/session";
import { Keyboard } from "../../keyboard/Keyboard";
import { TermsGate } from "../../pages/sign-in/TermsGate";
import { ErrorNotice } from "../feedback/ErrorNotice";
import { Loading } from "../feedback/Loading";
import { ConnectionBanner } from "./ConnectionBanner";
import { Header } from "./Header";
import { SignInAgain } from "./SignInAgain";

const PUBLIC = ["/sign-in", "/sign-in/link", "/invite"];

/** Header, main region, and the gates before every page: signed in, and the current terms accepted. */
export function AppFrame() {
  const location = useLocation();
  const path = location.pathname.replace(/\/+$/, "") || "/";
  const open = PUBLIC.includes(path);
  useEffect(() => {
    // A page that opens puts the keyboard at its start, as a full page load would.
    // Within the frame that draws it: focusing measures the page, which would else be measured twice.
    if (!path) return;
    const before = document.activeElement;
    const frame = requestAnimationFrame(() => {
      // What has taken the keyboard meanwhile keeps it.
      if (document.activeElement === before) document.getElementById("main")?.focus({ preventScroll: true });
    });
    return () => cancelAnimationFrame(frame);
  }, [path]);

  if (open) {
    return (
      <main id="main" tabIndex={-1} style={{ outline: "none" }}>
        <Outlet />
      </main>
    );
  }
  return (
    <AppShell header={{ height: 52 }} padding={0}>
      <a href="#main" className="skip-link">
        Skip to the content
      </a>
      <AppShell.Header>
        <Header />
      </AppShell.Header>
      <AppShell.Main id="main" tabIndex={-1} style={{ outline: "none" }}>
        <Gate next={location.href} />
      </AppShell.Main>
      <ConnectionBanner />
    </AppShell>
  );
}

function Gate({ next }: { next: string }) {
  const session = useSession();
  if (session.isPending) return <Loading label="Signing you in" />;
  if (session.error && session.data === undefined) {
    return (
      <Container size="sm" py="xl">
        <ErrorNotice error={session.error} onRetry={() => void session.refetch()} />
      </Container>
    );
  }
  if (!session.data) return <Navigate to="/sign-in" search={next === "/" ? {} : { next }} replace />;
  if (!session.data.terms.accepted) return <TermsGate earlier={session.data.terms.earlier} />;
  return (
    <>
      <Keyboard />
      <Outlet />
      {session.data.expired && <SignInAgain person={session.data.person} />}
    </>
  );
}
