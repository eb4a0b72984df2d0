"""Signing in without passwords: tokens had from an identity provider, kept sealed, renewed before they end."""
