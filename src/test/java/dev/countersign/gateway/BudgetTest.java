package dev.countersign.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.Answer;
import dev.countersign.domain.Fact;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BudgetTest {
    private static final Budget.Price PRICE =
            new Budget.Price(
                    "claude-*",
                    new BigDecimal("3"),
                    new BigDecimal("15"),
                    new BigDecimal("0.30"),
                    new BigDecimal("3.75"));

    @TempDir Path directory;

    @Test
    void cachedInputHasItsOwnPrice() {
        Budget budget = new Budget(null, null, List.of(PRICE), 0, 0);
        assertThat(budget.cost("claude-x", new Tokens(1_000_000, 100_000, 500_000, 100_000)))
                .contains(400_000L * 3 + 500_000 * 3 / 10 + 375_000 + 1_500_000);
        assertThat(budget.cost("other", Tokens.NONE)).isEmpty();
    }

    @Test
    void aBudgetInMoneyNeedsAPriceAndEndsWhenItIsSpent() {
        Budget budget = new Budget(null, new BigDecimal("0.01"), List.of(PRICE), 0, 0);
        assertThat(budget.refusal("other").orElseThrow()).contains("no price");
        assertThat(budget.refusal("claude-x")).isEmpty();
        budget.spent("claude-x", new Tokens(2_800, 0, 0, 0));
        assertThat(budget.warning().orElseThrow()).contains("80 %");
        assertThat(budget.warning()).isEmpty();
        budget.spent("claude-x", new Tokens(1_000, 0, 0, 0));
        assertThat(budget.refusal("claude-x").orElseThrow()).contains("0.01");
    }

    @ParameterizedTest
    @EnumSource
    void atItsEndTheAgentGetsAnErrorAndTheDeveloperIsToldOnce(Speech speech) throws Exception {
        Provider provider = new Provider().answers(200, speech.whole("Hi."));
        try (House house = new House(directory, provider, _ -> Answer.ALLOWED)) {
            house.kill();
            house.settings = house.settings.withBudget(new Budget(20L, null, List.of(), 5, 0));
            house.open();
            for (int round = 0; round < 3; round++) {
                try (WireClient client = house.client()) {
                    client.send(WireClient.post(speech.path(false), speech.ask(false)));
                    int status = client.status();
                    String body = client.body();
                    assertThat(status).as(body).isEqualTo(round == 0 ? 200 : 403);
                    if (round > 0) {
                        assertThat(speech.error(body, false)).contains("budget of 20 tokens");
                    }
                }
            }
            assertThat(provider.requests()).hasSize(1);
            assertThat(house.facts.of(Fact.Noticed.class))
                    .extracting(Fact.Noticed::topic)
                    .containsExactly("budget", "budget");
        }
    }
}
