package dev.countersign.ui.approval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.GuestText;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArgumentsTest {
    @Test
    void eachArgumentStandsAloneAndFileContentMayBeFolded() {
        Arguments of =
                Arguments.of(GuestText.of("{\"path\":\"a\",\"content\":\"x\\ny\",\"mode\":7}"));
        assertThat(of.all())
                .containsExactly(
                        new Arguments.Argument(GuestText.of("path"), GuestText.of("a"), false),
                        new Arguments.Argument(GuestText.of("content"), GuestText.of("x\ny"), true),
                        new Arguments.Argument(GuestText.of("mode"), GuestText.of("7"), false));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"command\":\"ls\",\"command\":\"rm -rf .\"}",
                "{\"command\":\"ls\"} {\"command\":\"rm\"}",
                "[1,2]",
                "not json",
                ""
            })
    void p4WhatTwoReadersCouldReadDifferentlyIsShownAsItCame(String json) {
        assertThat(Arguments.of(GuestText.of(json)).all())
                .containsExactly(
                        new Arguments.Argument(GuestText.of(""), GuestText.of(json), false));
    }
}
