// The desks behind a real front: what is answered without the node, what becomes an order, and what closes the
// connection. The node is a stand-in that answers at once.
#include <gtest/gtest.h>
#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/protocol/TCompactProtocol.h>
#include <thrift/transport/TBufferTransports.h>
#include <thrift/transport/TSocket.h>

#include <thread>

#include "Ashlar.h"
#include "AshlarAdmin.h"
#include "host/admin_desk.h"
#include "host/answers.h"
#include "host/client_desk.h"
#include "host/flags.h"
#include "host/front.h"
#include "host/meter_book.h"

namespace ashlar::host {
namespace {

namespace wire = apache::thrift;

/// Answers gets with what was asked, refuses puts, and describes the table of admin orders.
class AnsweringNode final : public Stepper {
public:
    AnsweringNode(Reactor& reactor, OpenCalls& calls) : reactor_(reactor), answers_(calls) {}
    const Now& now() override { return reactor_.now(); }
    void step(const port::Event& event) override {
        if (const auto* order = std::get_if<const port::Order*>(&event)) return serve(**order);
        if (const auto* order = std::get_if<const port::AdminOrder*>(&event)) administer(**order);
    }
    port::AdminOrder heard;  ///< the last that begins long work; its views are gone

private:
    void administer(const port::AdminOrder& order) {
        using Call = port::AdminOrder::Call;
        if (order.call != Call::scrub && order.call != Call::repair && order.call != Call::cancel_errand)
            return answers_.table_done(order.ticket, order.table);
        heard = order;
        answers_.errand_begun(order.ticket, 41 + order.errand);
    }
    void serve(const port::Order& order) {
        if (order.call == port::Call::put) {
            port::Refusal refusal;
            refusal.error = fail(Code::no_space, "full");
            refusal.retry_safe = true;
            return answers_.refuse(order.ticket, refusal);
        }
        port::ReplyVersion version;
        version.value = order.item.key;
        port::Reply reply;
        reply.call = order.call;
        reply.item.values = {&version, 1};
        reply.item.context = order.table;
        std::vector<port::ReplyItem> items(order.items.size());
        for (std::size_t i = 0; i < items.size(); ++i) items[i].key = order.items[i].key;
        reply.items = items;
        answers_.reply(order.ticket, reply);
    }
    Reactor& reactor_;
    Answers answers_;
};

class SilentLog final : public Log {
public:
    void write(LogLevel, View) noexcept override {}
};

class DeskTest : public ::testing::Test {
protected:
    DeskTest()
        : node_(reactor_, calls_),
          client_desk_(calls_, node_,
                       ClientLooks{[] { return HelloFacts{"v", "c", "n", Epoch{7}, 1, 2, 3, "p"}; },
                                   [this]() -> const Ring& { return ring_; },
                                   [this]() -> const std::vector<std::string>& { return addresses_; }},
                       {}),
          admin_desk_(calls_, node_,
                      AdminLooks{[this](bool) {
                                     StatusFacts f;
                                     f.ring = &ring_;
                                     f.state = "serving";
                                     return f;
                                 },
                                 [this]() -> const std::vector<port::Table>& { return tables_; },
                                 [this]() -> const std::vector<Config::Entry>& { return entries_; },
                                 [] { return std::vector<PluginCardFacts>{}; }, [this] { return errands_; }}),
          clients_(FrontSeams{reactor_, client_desk_, budget_, meter_, log_}, "clients", {}),
          admin_(FrontSeams{reactor_, admin_desk_, budget_, meter_, log_}, "admin", {}) {
        ring_.epoch = Epoch{7};
        ring_.members = {Member{NodeId{1}, "dc", "r", 1}};
        ring_.claims = {Claim{0, NodeId{1}}, Claim{1, NodeId{1}}};
        addresses_ = {"here:1"};
        tables_.resize(2);
        node::Errand scrub;
        scrub.number = 5;
        scrub.scrub.bad.push_back({BadBlock{"f", 9, {}, "checksum"}, node::Healing::refilling});
        node::Errand repair;
        repair.number = 6;
        repair.kind = node::Errand::Kind::verify;
        repair.state = node::Errand::State::done;
        repair.repair.differing[NodeId{2}] = 3;
        repair.repair.silent.insert(NodeId{3});
        errands_.errands = {scrub, repair};
        errands_.names[NodeId{2}] = "n2";
        tables_[0].name = "a";
        tables_[1].name = "b";
        client_port_ = parse_address(*clients_.bind(*parse_address("127.0.0.1:0")))->port;
        admin_port_ = parse_address(*admin_.bind(*parse_address("127.0.0.1:0")))->port;
        EXPECT_TRUE(clients_.serve().has_value());
        EXPECT_TRUE(admin_.serve().has_value());
        reactor_.on_wake([this] { reactor_.stop(); });
        loop_ = std::thread([this] { reactor_.run(); });
    }
    ~DeskTest() override {
        reactor_.wake();
        loop_.join();
    }
    template <class Client, class Protocol>
    std::unique_ptr<Client> client(std::uint16_t port) {
        auto socket = std::make_shared<wire::transport::TSocket>("127.0.0.1", port);
        socket->setRecvTimeout(10'000);
        auto framed = std::make_shared<wire::transport::TFramedTransport>(socket);
        framed->open();
        return std::make_unique<Client>(std::make_shared<Protocol>(framed));
    }

    Reactor reactor_;
    OpenCalls calls_;
    AnsweringNode node_;
    Ring ring_;
    std::vector<std::string> addresses_;
    std::vector<port::Table> tables_;
    ErrandFacts errands_;
    std::vector<Config::Entry> entries_{{"a.b", "1", "default"}};
    MeterBook meter_;
    SilentLog log_;
    BufferBudget budget_;
    ClientDesk client_desk_;
    AdminDesk admin_desk_;
    Front clients_;
    Front admin_;
    std::uint16_t client_port_ = 0;
    std::uint16_t admin_port_ = 0;
    std::thread loop_;
};

void talk(thrift::AshlarClient& client) {
    thrift::HelloResponse hello;
    client.hello(hello, {});
    EXPECT_EQ(hello.status, 1);
    EXPECT_EQ(hello.epoch, 7);
    thrift::GetRequest get;
    get.table = "t";
    get.key = "k";
    thrift::GetResponse got;
    client.get(got, get);
    ASSERT_EQ(got.values.size(), 1u);
    EXPECT_EQ(got.values[0].value, "k");
    EXPECT_EQ(got.context, "t");
    get.__isset.options = true;
    get.options.__set_sync(9);
    EXPECT_THROW(client.get(got, get), thrift::StoreError) << "refused without asking the node";
    try {
        thrift::PutResponse put;
        client.put(put, {});
        FAIL() << "the node refuses puts";
    } catch (const thrift::StoreError& error) {
        EXPECT_EQ(error.error_code, 6);
        EXPECT_EQ(error.detail, "full");
        EXPECT_TRUE(error.retry_safe);
    }
    thrift::MultiGetRequest many;
    many.keys = {"x", "y"};
    thrift::MultiGetResponse items;
    client.multi_get(items, many);
    ASSERT_EQ(items.items.size(), 2u);
    EXPECT_EQ(items.items[1].key, "y");
    many.keys.assign(1025, "k");
    EXPECT_THROW(client.multi_get(items, many), thrift::StoreError) << "too many items are answered, not cut off";
    thrift::RingRequest ask;
    thrift::RingResponse ring;
    client.ring(ring, ask);
    EXPECT_EQ(ring.claims.size(), 2u);
    EXPECT_EQ(ring.claims[1].first, "0000000000000001");
    EXPECT_EQ(ring.members.at(0).address, "here:1");
    ask.__set_epoch(7);
    client.ring(ring, ask);
    EXPECT_EQ(ring.claims.size(), 0u) << "the client has this ring";
}

TEST_F(DeskTest, ServesClientsInBothProtocols) {
    auto binary = client<thrift::AshlarClient, wire::protocol::TBinaryProtocol>(client_port_);
    talk(*binary);
    auto compact = client<thrift::AshlarClient, wire::protocol::TCompactProtocol>(client_port_);
    talk(*compact);
    EXPECT_EQ(calls_.count(), 0u);
}

TEST_F(DeskTest, UnknownMethodsAreSaidAndTheConnectionGoesOn) {
    auto admin = client<thrift::AshlarAdminClient, wire::protocol::TBinaryProtocol>(client_port_);
    thrift::StatusResponse status;
    for (int i = 0; i < 3; ++i) {
        try {
            admin->status(status, {});
            FAIL() << "this port has no status";
        } catch (const wire::TApplicationException& refusal) {
            EXPECT_EQ(refusal.getType(), wire::TApplicationException::UNKNOWN_METHOD);
            EXPECT_STREQ(refusal.what(), "unknown method 'status'");
        }
    }
}

TEST_F(DeskTest, ServesOperators) {
    auto admin = client<thrift::AshlarAdminClient, wire::protocol::TCompactProtocol>(admin_port_);
    thrift::StatusResponse status;
    admin->status(status, {});
    EXPECT_EQ(status.state, "serving");
    thrift::DescribeTablesRequest which;
    thrift::DescribeTablesResponse tables;
    admin->describe_tables(tables, which);
    EXPECT_EQ(tables.tables.size(), 2u);
    which.__set_name("b");
    admin->describe_tables(tables, which);
    EXPECT_EQ(tables.tables.size(), 1u);
    which.__set_name("c");
    EXPECT_THROW(admin->describe_tables(tables, which), thrift::StoreError);
    thrift::ConfigResponse config;
    admin->config(config, {});
    EXPECT_EQ(config.entries.at(0).origin, "default");
    thrift::CreateTableRequest create;
    create.name = "t";
    create.__set_ttl_s(9);
    thrift::Consistency level;
    level.level = 1;
    level.__set_replicas(2);
    create.__set_read_consistency(level);
    thrift::CreateTableResponse created;
    admin->create_table(created, create);
    EXPECT_EQ(created.table.ttl_s, 9);
    EXPECT_EQ(created.table.read_replicas, 2);
    create.__set_ttl_s(-1);
    EXPECT_THROW(admin->create_table(created, create), thrift::StoreError);
}

TEST_F(DeskTest, TakesOrdersForLongWorkAndTellsHowFarItIs) {
    auto admin = client<thrift::AshlarAdminClient, wire::protocol::TCompactProtocol>(admin_port_);
    thrift::ErrandResponse begun;
    thrift::RepairRequest repair;
    repair.__set_table("t");
    repair.__set_last("00000000000000FF");
    repair.__set_datacentre("east");
    repair.__set_dry_run(true);
    admin->repair(begun, repair);
    EXPECT_EQ(begun.errand, 41);
    EXPECT_EQ(node_.heard.table.name, "t");
    EXPECT_EQ(node_.heard.tokens, (TokenRange{0, 255}));
    EXPECT_EQ(node_.heard.datacentre, "east");
    EXPECT_TRUE(node_.heard.dry_run && !node_.heard.as_first);
    repair.__set_first("0x00000000000001");
    EXPECT_THROW(admin->repair(begun, repair), thrift::StoreError);
    admin->scrub(begun, {});
    EXPECT_EQ(node_.heard.call, port::AdminOrder::Call::scrub);
    thrift::CancelErrandRequest cancel;
    cancel.errand = 1;
    admin->cancel_errand(begun, cancel);
    EXPECT_EQ(begun.errand, 42);

    thrift::ErrandsResponse told;
    admin->errands(told, {});
    ASSERT_EQ(told.errands.size(), 2u);
    EXPECT_EQ(told.errands[0].kind, "scrub");
    EXPECT_EQ(told.errands[0].scrub.bad.at(0).healing, "refilling");
    EXPECT_EQ(told.errands[1].state, "done");
    const auto& replicas = told.errands[1].repair.replicas;
    ASSERT_EQ(replicas.size(), 2u);
    EXPECT_EQ(replicas[0].name, "n2");
    EXPECT_EQ(replicas[0].keys, 3);
    EXPECT_FALSE(replicas[0].silent);
    EXPECT_EQ(replicas[1].node, "0000000000000003");
    EXPECT_TRUE(replicas[1].silent);
    thrift::ErrandsRequest one;
    one.__set_errand(6);
    admin->errands(told, one);
    ASSERT_EQ(told.errands.size(), 1u);
    EXPECT_EQ(told.errands[0].errand, 6);
    one.__set_errand(7);
    EXPECT_THROW(admin->errands(told, one), thrift::StoreError);
}

TEST(Flags, AreReadAndRefused) {
    auto flags = parse_flags({"--config", "f", "--set", "a.b=c=d", "--plugins=/p", "--ready-file", "r"});
    ASSERT_TRUE(flags.has_value());
    EXPECT_EQ(flags->act, Flags::Act::serve);
    EXPECT_EQ(flags->config_file, "f");
    EXPECT_EQ(flags->set, (std::vector<std::string>{"a.b=c=d", "plugins.directory=/p"}));
    EXPECT_EQ(flags->ready_file, "r");
    EXPECT_EQ(parse_flags({"--check-config", "f"})->act, Flags::Act::check_config);
    EXPECT_EQ(parse_flags({"--check-config=f"})->config_file, "f");
    EXPECT_EQ(parse_flags({"--explain"})->act, Flags::Act::explain);
    EXPECT_FALSE(parse_flags({"--config"}).has_value());
    EXPECT_FALSE(parse_flags({"--conf", "x"}).has_value());
    EXPECT_FALSE(parse_flags({"stray"}).has_value());
}

}  // namespace
}  // namespace ashlar::host
