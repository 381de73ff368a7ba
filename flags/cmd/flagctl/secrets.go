package main

import (
	"net/url"
	"strings"
)

const hidden = "xxxxx"

// redact takes user names, passwords and tokens out of addresses.
func redact(servers string) string {
	parts := strings.Split(servers, ",")
	for i, part := range parts {
		if user, found := userInfo(part); found {
			parts[i] = strings.Replace(part, user+"@", hidden+"@", 1)
		}
	}
	return strings.Join(parts, ",")
}

// scrub takes the secrets of servers out of a text.
func scrub(text, servers string) string {
	for part := range strings.SplitSeq(servers, ",") {
		user, found := userInfo(part)
		if !found || user == "" {
			continue
		}
		text = strings.ReplaceAll(text, user+"@", hidden+"@")
		secret := user // a token
		if _, password, found := strings.Cut(user, ":"); found {
			secret = password
		}
		for _, form := range []string{secret, unescape(secret)} {
			if len(form) > 3 { // a shorter one would garble the text and say nothing
				text = strings.ReplaceAll(text, form, hidden)
			}
		}
	}
	return text
}

// userInfo is what stands before the @ of an address.
func userInfo(server string) (string, bool) {
	if _, rest, found := strings.Cut(server, "://"); found {
		server = rest
	}
	at := strings.LastIndexByte(server, '@')
	if at < 0 {
		return "", false
	}
	return server[:at], true
}

func unescape(text string) string {
	if plain, err := url.PathUnescape(text); err == nil {
		return plain
	}
	return text
}
